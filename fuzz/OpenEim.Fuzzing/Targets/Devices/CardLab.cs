using OpenEim.Device.Euicc;
using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Fuzzing.Targets.Devices;

/// <summary>A virtual card that was manufactured once, as often as wanted, each time as it left the factory.</summary>
internal static class CardLab
{
    /// <summary>The eIM in the seeds.</summary>
    public const string EimId = "eim.test";

    public static readonly Eid Eid = Eid.Parse("89049032000000000000000000000001");

    private static readonly Lazy<(TestPki Pki, RspIdentity Eim, EuiccState Direct, EuiccState Indirect)> Made = new(Make);

    /// <summary>Signs packages for the card.</summary>
    public static EcPrivateKey EimKey => Made.Value.Eim.Key;

    /// <summary>The root that the card trusts.</summary>
    public static RspCertificate Ci => Made.Value.Pki.Ci.Certificate;

    /// <summary>The maker of the card.</summary>
    public static RspCertificate Eum => Made.Value.Pki.Eum.Certificate;

    /// <summary>The memory of a new card.</summary>
    /// <param name="indirect">Whether its eIM relays downloads.</param>
    public static IEuiccMemory NewMemory(bool indirect = false)
    {
        IEuiccMemory memory = new VolatileEuiccMemory();
        memory.Write(indirect ? Made.Value.Indirect : Made.Value.Direct);
        return memory;
    }

    private static (TestPki, RspIdentity, EuiccState, EuiccState) Make()
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var pki = new TestPki(EcCurve.P256, start, start.AddYears(20));
        var eim = pki.IssueEim(EimId);
        using var euicc = pki.IssueEuicc(Eid);
        return (pki, eim, Manufacture(pki, eim, euicc, indirect: false), Manufacture(pki, eim, euicc, indirect: true));
    }

    private static EuiccState Manufacture(TestPki pki, RspIdentity eim, RspIdentity euicc, bool indirect)
    {
        IEuiccMemory memory = new VolatileEuiccMemory();
        var notify = new NotificationConfiguration(NotificationEvents.Enable | NotificationEvents.Disable | NotificationEvents.Delete, "smdp.example.com");
        using var card = VirtualEuicc.Manufacture(
            new EuiccManufacture
            {
                Eid = Eid,
                PrivateKey = euicc.Key.ToPkcs8(),
                EuiccCertificate = euicc.Certificate.Encoded,
                EumCertificate = pki.Eum.Certificate.Encoded,
                CiKeyIds = [pki.Ci.Certificate.SubjectKeyIdentifier!.Value],
                CiCertificates = [pki.Ci.Certificate.Encoded],
                DefaultSmdpAddress = "smdp.example.com",
                Profiles =
                [
                    new ManufacturedProfile(Iccid.Parse("8949000000000000001")) { Name = "First", State = ProfileState.Enabled, NotificationConfigurations = [notify] },
                    new ManufacturedProfile(Iccid.Parse("8949000000000000002")) { Name = "Second", FallbackAllowed = true, NotificationConfigurations = [notify] },
                    new ManufacturedProfile(Iccid.Parse("8949000000000000003")) { Name = "Third" },
                ],
                Eims =
                [
                    new EimConfigurationData
                    {
                        EimId = EimId,
                        EimFqdn = "127.0.0.1",
                        EimIdType = EimIdType.Fqdn,
                        CounterValue = 0,
                        EimPublicKeyData = new EimKeyData(PublicKey: eim.Key.PublicKey.ToSubjectPublicKeyInfo()),
                        IndirectProfileDownload = indirect,
                        SupportedProtocols = EimSupportedProtocols.RetrieveHttps,
                    },
                ],
            },
            memory);
        return memory.Read()!;
    }
}
