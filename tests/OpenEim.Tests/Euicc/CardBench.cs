using OpenEim.Device.Euicc;
using OpenEim.Device.Transports;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Tests.Euicc;

/// <summary>A card on a bench: with a PKI around it, an eIM that signs for it, and a terminal that speaks APDUs to it.</summary>
internal sealed class CardBench
{
    public const string EimId = "eim.example.com";
    public const string NotificationAddress = "smdp.example.com";

    public static readonly Iccid A = Iccid.Parse("8944000000000000001");
    public static readonly Iccid B = Iccid.Parse("8944000000000000002");
    public static readonly Iccid C = Iccid.Parse("8944000000000000003");
    public static readonly Iccid Unknown = Iccid.Parse("8944000000000000009");
    public static readonly Eid Eid = Eid.Parse("89049032000000000000000000000001");
    public static readonly TransactionId Transaction = TransactionId.FromBytes([1, 2, 3, 4]);

    private static readonly Dictionary<EcCurve, (TestPki Pki, RspIdentity Euicc, RspIdentity Eim)> Pkis =
        Enum.GetValues<EcCurve>().ToDictionary(curve => curve, MakePki);

    private CardBench(IEuiccMemory memory, VirtualEuicc card, EcCurve curve)
    {
        (Memory, Card, Curve) = (memory, card, curve);
        Terminal = new Terminal(card);
    }

    public IEuiccMemory Memory { get; }

    public EcCurve Curve { get; }

    public VirtualEuicc Card { get; private set; }

    public Terminal Terminal { get; private set; }

    public TestPki Pki => Pkis[Curve].Pki;

    public RspIdentity EuiccIdentity => Pkis[Curve].Euicc;

    public RspIdentity Eim => Pkis[Curve].Eim;

    public byte[] CiKeyId => Pkis[Curve].Pki.Ci.Certificate.SubjectKeyIdentifier!.Value.ToArray();

    public EuiccSnapshot State => Card.Inspect();

    /// <summary>The eIM's own count of packages.</summary>
    public long Counter { get; set; }

    public long? Token { get; set; }

    /// <summary>A is enabled, B and C are not; C may be the fallback.</summary>
    public static CardBench Make(
        EcCurve curve = EcCurve.P256,
        IEuiccMemory? memory = null,
        IReadOnlyList<ManufacturedProfile>? profiles = null,
        bool withEim = true,
        Func<EuiccManufacture, EuiccManufacture>? change = null)
    {
        var (pki, euicc, eim) = Pkis[curve];
        memory ??= new VolatileEuiccMemory();
        var spec = new EuiccManufacture
        {
            Eid = Eid,
            PrivateKey = euicc.Key.ToPkcs8(),
            EuiccCertificate = euicc.Certificate.Encoded,
            EumCertificate = pki.Eum.Certificate.Encoded,
            CiKeyIds = [pki.Ci.Certificate.SubjectKeyIdentifier!.Value],
            CiCertificates = [pki.Ci.Certificate.Encoded],
            Profiles = profiles ??
            [
                new ManufacturedProfile(A) { Name = "A", State = ProfileState.Enabled },
                new ManufacturedProfile(B) { Name = "B" },
                new ManufacturedProfile(C) { Name = "C", FallbackAllowed = true },
            ],
            DefaultSmdpAddress = "default.example.com",
            Eims = withEim ? [Association(EimId, eim)] : [],
        };
        return new CardBench(memory, VirtualEuicc.Manufacture(change is null ? spec : change(spec), memory), curve);
    }

    public static EimConfigurationData Association(string eimId, RspIdentity eim, long counter = 0, long? token = null) => new()
    {
        EimId = eimId,
        EimIdType = EimIdType.Fqdn,
        CounterValue = counter,
        AssociationToken = token,
        EimPublicKeyData = new EimKeyData(PublicKey: eim.Key.PublicKey.ToSubjectPublicKeyInfo()),
    };

    public EimConfigurationData Association(string eimId, long counter = 0, long? token = null) => Association(eimId, Eim, counter, token);

    /// <summary>What another process would do: the card from its memory, powered on again.</summary>
    public void LoadAgain()
    {
        Card = VirtualEuicc.Load(Memory);
        Terminal = new Terminal(Card);
    }

    public byte[] Sign(EuiccPackageSigned signed, ISigner? signer = null)
    {
        var data = signed.Encode();
        return new EuiccPackageRequest(data, (signer ?? Eim.Key).Sign(PackageSignature.Input(data, Token))).Encode();
    }

    public byte[] Package(params IReadOnlyList<Psmo> psmos) => Sign(new EuiccPackageSigned(EimId, Eid, ++Counter, Transaction, EuiccPackage.Of(psmos)));

    public byte[] Package(params IReadOnlyList<Eco> ecos) => Sign(new EuiccPackageSigned(EimId, Eid, ++Counter, Transaction, EuiccPackage.Of(ecos)));

    /// <summary>Sends a package and checks the signature of what comes back.</summary>
    public EuiccPackageResult Load(byte[] package) => Verified(BerMessage.Decode<EuiccPackageResult>(Terminal.Es10(package)));

    /// <summary>Sends PSMOs and returns their results, encoded, as one hex text.</summary>
    public string Run(params IReadOnlyList<Psmo> psmos) => ResultsOf(Load(Package(psmos)));

    /// <summary>Sends eCOs and returns their results, encoded, as one hex text.</summary>
    public string Run(params IReadOnlyList<Eco> ecos) => ResultsOf(Load(Package(ecos)));

    public static string ResultsOf(EuiccPackageResult result) =>
        string.Concat(Assert.IsType<EuiccPackageResultSigned>(result).Results.Select(entry => Convert.ToHexString(entry.Encode())));

    public EuiccPackageResult Verified(EuiccPackageResult result)
    {
        if (result is SignedPackageResult signed)
        {
            Assert.Equal(64, signed.Signature.Length);
            Assert.True(EuiccIdentity.Certificate.PublicKey.Verify(
                PackageSignature.Input(signed.SignedData.Span, Token), signed.Signature.Span));
        }

        return result;
    }

    public RetrieveNotificationsListResponse Retrieve(RetrieveNotificationsListRequest search) =>
        BerMessage.Decode<RetrieveNotificationsListResponse>(Terminal.Es10(search.Encode()));

    private static (TestPki, RspIdentity, RspIdentity) MakePki(EcCurve curve)
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var pki = new TestPki(curve, start, start.AddYears(10));
        return (pki, pki.IssueEuicc(Eid), pki.IssueEim(EimId));
    }
}

/// <summary>A terminal that opens channel 1 and speaks to the ISD-R on it.</summary>
internal sealed class Terminal
{
    public const string SelectIsdr = "01A4040010A0000005591010FFFFFFFF890000010000";

    private readonly ICard _card;

    public Terminal(ICard card)
    {
        _card = card;
        Open();
    }

    public void Open()
    {
        _card.Reset();
        Assert.Equal("019000", Send("0070000001"));
        Assert.StartsWith("61", Send(SelectIsdr), StringComparison.Ordinal);
    }

    /// <summary>One APDU, in hex.</summary>
    public string Send(string command) => Convert.ToHexString(_card.Transmit(Convert.FromHexString(command)).Span);

    /// <summary>Sends a function in blocks and returns the status word of the last one.</summary>
    public string Store(ReadOnlySpan<byte> request)
    {
        for (var block = 0; ; block++)
        {
            var data = request[..Math.Min(255, request.Length)];
            request = request[data.Length..];
            var status = Send($"81E2{(request.IsEmpty ? "91" : "11")}{block:X2}{data.Length:X2}{Convert.ToHexString(data)}");
            if (request.IsEmpty || status != "9000")
            {
                return status;
            }
        }
    }

    /// <summary>Executes a function and fetches the whole answer.</summary>
    public byte[] Es10(ReadOnlySpan<byte> request)
    {
        var status = Store(request);
        var answer = "";
        while (status.StartsWith("61", StringComparison.Ordinal))
        {
            var chunk = Send($"81C00000{status[2..]}");
            answer += chunk[..^4];
            status = chunk[^4..];
        }

        Assert.Equal("9000", status);
        return Convert.FromHexString(answer);
    }

    public string Es10(string request) => Convert.ToHexString(Es10(Convert.FromHexString(request)));
}
