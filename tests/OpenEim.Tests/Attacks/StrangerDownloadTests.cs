using System.Security.Cryptography;
using OpenEim.Manager.Euiccs;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;
using OpenEim.Tests.Downloads;
using StatusCodes = OpenEim.Protocol.Sgp22.StatusCodes;

namespace OpenEim.Tests.Attacks;

/// <summary>Downloads that somebody begins who has only polled the trigger, beside the device that it is for.</summary>
public abstract class StrangerDownloadTests(DbEngine engine)
{
    private static readonly EsipaCaller Elsewhere = new("203.0.113.9", "s", IsEstablished: true);

    [Fact]
    public async Task SMDP_that_refuses_a_strangers_EUICCInfo1_does_not_end_the_download()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = Iccid.Parse("8949000000000000009");
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        lab.Smdp.Refusals["initiateAuthentication"] = StatusCodes.NoCommonCiKey;

        Assert.NotNull((await lab.SendAsync(Begin(trigger, lab.Smdp.Address), caller: Elsewhere)).ErrorCode);

        Assert.Equal("Scheduled", await lab.StatusAsync(operation));
        lab.Smdp.Refusals.Clear();
        var session = await lab.RelayAsync(trigger);
        await lab.ProvideAsync(trigger, lab.Installed(session));
        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
    }

    [Theory]
    [InlineData("initiateAuthentication")]
    [InlineData("authenticateClient")]
    public async Task SMDP_that_stumbles_over_what_a_stranger_sends_gives_his_report_no_weight(string function)
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        lab.Smdp.HttpStatuses[function] = 500;

        if ((await lab.SendAsync(Begin(trigger, lab.Smdp.Address), caller: Elsewhere)).Success is not null)
        {
            var error = new AuthenticateResponseError(lab.Smdp.LastSession, AuthenticateErrorCode.UndefinedError);
            await lab.SendAsync(new AuthenticateClientRequestEsipa(lab.Smdp.LastSession, new AuthenticateServerResponse(null, error).Encode()), caller: Elsewhere);
        }

        Assert.Equal(1, lab.Smdp.CountOf(function));
        await lab.ProvideAsync(trigger, null);

        Assert.Equal("Scheduled", await lab.StatusAsync(operation));
    }

    [Fact]
    public async Task Reports_of_a_stranger_do_not_end_the_download_of_a_device_that_polls_every_ten_minutes()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var operation = await lab.ScheduleAsync();
        var stranger = lab.Device.By(Elsewhere);
        var trigger = await lab.TriggerAsync();
        var report = new EimPackageResult(DownloadResult: new ProfileDownloadTriggerResult(trigger.TransactionId, null, ErrorReason: 127));
        for (var second = 0; second < 10 * 60; second += 2)
        {
            await stranger.PollAsync();
            await stranger.ProvideAndLoseAnswerAsync(report);
            lab.Engine.Clock.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Equal("Scheduled", await lab.StatusAsync(operation));
        lab.Smdp.Iccid = Iccid.Parse("8949000000000000009");
        var session = await lab.RelayAsync(await lab.TriggerAsync());
        await lab.ProvideAsync(trigger, lab.Installed(session));
        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sessions_of_a_stranger_are_few_and_do_not_keep_the_device_from_its_own(bool refused)
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        if (refused)
        {
            lab.Smdp.Refusals["initiateAuthentication"] = StatusCodes.NoCommonCiKey;
        }

        for (var i = 0; i < 40; i++)
        {
            await lab.SendAsync(Begin(trigger, lab.Smdp.Address), caller: Elsewhere);
        }

        Assert.Equal(8, lab.Smdp.CountOf("initiateAuthentication"));
        lab.Smdp.Refusals.Clear();
        lab.Smdp.Iccid = Iccid.Parse("8949000000000000009");
        var session = await lab.RelayAsync(trigger);
        await lab.ProvideAsync(trigger, lab.Installed(session));
        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
    }

    private static InitiateAuthenticationRequestEsipa Begin(ProfileDownloadTriggerRequest trigger, string address) => new(
        RandomNumberGenerator.GetBytes(16), address, Convert.FromHexString("BF2009820302050AA900AA00"), trigger.TransactionId);
}

public sealed class StrangerDownloadTestsOnSqlite() : StrangerDownloadTests(DbEngine.Sqlite);

public sealed class StrangerDownloadTestsOnPostgres() : StrangerDownloadTests(DbEngine.Postgres);
