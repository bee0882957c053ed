using System.Security.Cryptography;
using OpenEim.Manager;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Smdps;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;
using OpenEim.Tests.Packages;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Downloads;

/// <summary>The engine, an SM-DP+ and one known device whose download the test takes step by step; the eUICC's signatures are real.</summary>
internal sealed class DownloadLab : IAsyncDisposable
{
    private const string SimaSuccess = "3007A0053003800100";

    private static readonly byte[] Info1 = Convert.FromHexString("BF2009820302050AA900AA00");

    private static readonly byte[] SmdpOid = [0x88, 0x37, 0x0A];

    private DownloadLab(EngineLab engine, FakeSmdp smdp, HandDrivenIpa device, RspIdentity card) =>
        (Engine, Smdp, Device, Card) = (engine, smdp, device, card);

    public EngineLab Engine { get; }

    public FakeSmdp Smdp { get; }

    public HandDrivenIpa Device { get; }

    /// <summary>Key and certificate of the device's eUICC.</summary>
    public RspIdentity Card { get; }

    public Eim Eim => Engine.Eim;

    /// <summary>The SM-DP+ that installation results name, where it is not ours.</summary>
    public string? SignedAddress { get; set; }

    /// <summary>Whether installation results name their profile.</summary>
    public bool SignsIccid { get; set; } = true;

    /// <summary>The sequence number of the next notification.</summary>
    public long NextNumber { get; set; } = 100;

    public static Task<DownloadLab> StartAsync(
        DbEngine engine, Func<TestPki, RspIdentity>? tls = null, bool indirect = true, SmdpReach? reach = null, EimOptions? options = null) =>
        StartAsync(new EngineLab(engine, plainHttp: tls is null, indirect: indirect, reach: reach, options: options), tls);

    public static Task<DownloadLab> StartAsync(TestDatabase data) => StartAsync(new EngineLab(data, plainHttp: true), null);

    private static async Task<DownloadLab> StartAsync(EngineLab lab, Func<TestPki, RspIdentity>? tls)
    {
        var smdp = await FakeSmdp.StartAsync(lab.Pki, tls?.Invoke(lab.Pki));
        var card = lab.Pki.IssueEuicc(Eid.Parse("89049032000000000000000000000001"));
        var device = await lab.NewDeviceAsync(1, card);
        await device.RunAsync();
        return new DownloadLab(lab, smdp, device, card);
    }

    public async Task<Guid> ScheduleAsync(
        bool enable = false, bool rollback = false, ActivationCode? code = null, int validity = 3600, string? confirmationCode = null) =>
        (await Engine.ScheduleAllAsync(Device, new NewOperation
        {
            Action = OperationAction.Download,
            ActivationCode = code ?? Smdp.Code(),
            ConfirmationCode = confirmationCode is null ? null : ConfirmationCode.Parse(confirmationCode),
            Enable = enable,
            Rollback = rollback,
            Validity = TimeSpan.FromSeconds(validity),
        }))[0];

    public async Task<ProfileDownloadTriggerRequest> TriggerAsync() =>
        BerMessage.Decode<ProfileDownloadTriggerRequest>(await Device.PollAsync() ?? throw new InvalidOperationException("the eIM has nothing"));

    public async Task<string> StatusAsync(Guid operation)
    {
        var entry = await Engine.ReadAsync(Device, operation);
        return entry.Failure is { } failure
            ? $"{entry.Status} {failure.Reason}{(failure.SubjectCode is null ? "" : $" {failure.SubjectCode}/{failure.ReasonCode}")}"
            : entry.Status.ToString();
    }

    public static InitiateAuthenticationRequestEsipa Initiate(ProfileDownloadTriggerRequest trigger, string? address) => new(
        RandomNumberGenerator.GetBytes(16), address, Info1, trigger.TransactionId);

    /// <summary>Lets the eIM know which version of SGP.32 the device speaks.</summary>
    public Task<int> SpeakAsync(SpokenVersion version) => Engine.Database.WriteAsync(
        session => session.ExecuteAsync(
            "UPDATE euicc SET sgp32_version = @Version WHERE eid = @Eid", new { Eid = Device.Eid.ToBytes(), Version = (int)version }),
        TestContext.Current.CancellationToken);

    /// <summary>Lets the eIM know the EUICCInfo1 that the device begins its downloads with.</summary>
    public Task<int> TellInfo1Async() => Engine.Database.WriteAsync(
        session => session.ExecuteAsync("UPDATE euicc_data SET euicc_info1 = @Info1 WHERE eid = @Eid", new { Eid = Device.Eid.ToBytes(), Info1 }),
        TestContext.Current.CancellationToken);

    /// <summary>Somebody whose connection has polled for the device's EID.</summary>
    public EsipaCaller Polled => EsipaCaller.Unknown with { LastPolled = Device.Eid };

    public async Task<RelayedAnswer> SendAsync(IBerMessage request, Eim? node = null, EsipaCaller? caller = null)
    {
        var answer = await (node ?? Eim).Esipa.ExecuteAsync(EsipaRequest.Decode(request.Encode()), caller ?? Polled, default);
        return new RelayedAnswer(EsipaResponse.Decode(answer.Encode()));
    }

    /// <summary>What the eUICC answers to ServerSigned1.</summary>
    public AuthenticateClientRequestEsipa Authenticate(RelayedAnswer initiated, RspIdentity? card = null)
    {
        var (session, signed1) = SessionOf(initiated);
        var server = BerMessage.Decode<ServerSigned1>(signed1);
        var info2 = Device.Functions.GetEuiccInfo(0xBF22);
        var context = new CtxParams1(FakeSmdp.MatchingId, new DeviceInfo(new byte[4], new DeviceCapabilities())).Encode();
        var signed = new EuiccSigned1(session, server.ServerAddress, server.ServerChallenge, info2, context).Encode();
        var identity = card ?? Card;
        var ok = new AuthenticateResponseOk(signed, identity.Key.Sign(signed), identity.Certificate.Encoded, Engine.Pki.Eum.Certificate.Encoded);
        return new AuthenticateClientRequestEsipa(session, new AuthenticateServerResponse(ok).Encode());
    }

    /// <summary>What the eUICC answers to SmdpSigned2.</summary>
    public GetBoundProfilePackageRequestEsipa Prepare(RelayedAnswer authenticated, RspIdentity? card = null)
    {
        var arm = new BerReader(authenticated.Success!.Value);
        var ok = arm.ReadConstructed(0xA0);
        var session = ok.ReadTransactionId(0x80);
        ok.ReadEncoded(0xBF25);
        ok.ReadEncoded(0x30);
        var smdpSignature2 = ok.ReadValue(0x5F37);
        var signed = new EuiccSigned2(session, new byte[65]).Encode();
        var signature = (card ?? Card).Key.Sign(PrepareDownloadResponseOk.SignedWith(signed, smdpSignature2.Span));
        return new GetBoundProfilePackageRequestEsipa(session, new PrepareDownloadResponse(new PrepareDownloadResponseOk(signed, signature)).Encode());
    }

    public CancelSessionRequestEsipa Cancel(TransactionId session, CancelSessionReason reason, RspIdentity? card = null)
    {
        var signed = new EuiccCancelSessionSigned(session, SmdpOid, reason).Encode();
        return new CancelSessionRequestEsipa(
            session, new CancelSessionResponse(new CancelSessionResponseOk(signed, (card ?? Card).Key.Sign(signed))));
    }

    /// <summary>The installation result that the eUICC signs.</summary>
    public ProfileInstallationResult Installed(TransactionId session, RspIdentity? card = null) =>
        Result(session, new InstallationFinalResult.Success(new byte[16], Convert.FromHexString(SimaSuccess)), card);

    public ProfileInstallationResult NotInstalled(TransactionId session, InstallationErrorReason reason) =>
        Result(session, new InstallationFinalResult.Failure(BppCommandId.LoadProfileElements, reason));

    /// <summary>Brings an installation result as a notification of its own.</summary>
    public Task NotifyAsync(ProfileInstallationResult installation) => Eim.Esipa.HandleNotification.ExecuteAsync(
        (HandleNotification)EsipaRequest.Decode(new HandleNotification(installation).Encode()), ct: TestContext.Current.CancellationToken);

    public async Task<ProvideEimPackageResultResponse> ProvideAsync(
        ProfileDownloadTriggerRequest trigger, ProfileInstallationResult? installation, int error = 127, string? response = null) =>
        await Device.ProvideAndLoseAnswerAsync(new EimPackageResult(DownloadResult: new ProfileDownloadTriggerResult(
            trigger.TransactionId,
            installation,
            installation is null ? error : null,
            response is null ? (ReadOnlyMemory<byte>?)null : System.Text.Encoding.UTF8.GetBytes(response))));

    /// <summary>Reports that there was no installation, and again each time the trigger comes after that, until the eIM has heard enough.</summary>
    public async Task ReportAsync(ProfileDownloadTriggerRequest trigger, int error = 127, string? response = null)
    {
        foreach (var minutes in new[] { 1, 2 })
        {
            Assert.Null((await ProvideAsync(trigger, null, error, response)).Error);
            Assert.Null(await Device.PollAsync());
            Engine.Clock.Advance(TimeSpan.FromMinutes(minutes) + TimeSpan.FromSeconds(1));
            Assert.Equal(trigger.TransactionId, (await TriggerAsync()).TransactionId);
        }

        await ProvideAsync(trigger, null, error, response);
        Engine.Clock.Advance(TimeSpan.FromMinutes(15));
    }

    /// <summary>Lets the device tell what its IPA can do, and what the modem is.</summary>
    /// <param name="features">What its IPA can do.</param>
    /// <param name="imei">Of the modem, as it stands in DeviceInfo.</param>
    public async Task TellCapabilitiesAsync(IpaFeatures features, string imei = "")
    {
        await Engine.ScheduleAsync(Device, OperationAction.Audit);
        await Device.ProvideAsync(Device.Execute((await Device.PollAsync())!));
        var request = BerMessage.Decode<IpaEuiccDataRequest>((await Device.PollAsync())!);
        await Device.ProvideAsync(new EimPackageResult(DataResponse: Device.Answer(request) with
        {
            IpaCapabilities = new IpaCapabilities(features),
            DeviceInfo = Convert.FromHexString("800412345678A100" + imei),
        }));
    }

    /// <summary>The three relays, up to the bound profile package.</summary>
    public async Task<TransactionId> RelayAsync(ProfileDownloadTriggerRequest trigger)
    {
        var initiated = await SendAsync(Initiate(trigger, Smdp.Address));
        var authenticated = await SendAsync(Authenticate(initiated));
        var package = await SendAsync(Prepare(authenticated));
        Assert.NotNull(package.Success);
        return SessionOf(initiated).Session;
    }

    public static (TransactionId Session, ReadOnlyMemory<byte> ServerSigned1) SessionOf(RelayedAnswer initiated)
    {
        Assert.Null(initiated.ErrorCode);
        var arm = new BerReader(initiated.Success!.Value);
        var ok = arm.ReadConstructed(0xA0);
        return (ok.ReadTransactionId(0x80), ok.ReadEncoded(0x30));
    }

    public async ValueTask DisposeAsync()
    {
        await Smdp.DisposeAsync();
        await Engine.DisposeAsync();
    }

    private ProfileInstallationResult Result(TransactionId session, InstallationFinalResult result, RspIdentity? card = null)
    {
        var metadata = new NotificationMetadata(NextNumber++, NotificationEvents.Install, SignedAddress ?? Smdp.Address, SignsIccid ? Smdp.Iccid : null);
        var data = ProfileInstallationResult.EncodeData(session, metadata, SmdpOid, result);
        return ProfileInstallationResult.Create(data, (card ?? Card).Key.Sign(data));
    }
}
