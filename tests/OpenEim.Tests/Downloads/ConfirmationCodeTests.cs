using System.Text;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Tests.Downloads;

/// <summary>Confirmation codes that the operator gives with a download: hashed for the device where the eIM relays, refused in words where nobody could pass them.</summary>
public abstract class ConfirmationCodeTests(DbEngine engine)
{
    private const string Code = "confirm-4711";

    [Fact]
    public async Task Hash_of_the_code_and_the_session_goes_to_the_device_behind_the_certificate()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.DemandsConfirmationCode = true;
        var operation = await lab.ScheduleAsync(code: ActivationCode.Parse(lab.Smdp.Code().Text + "$$1"), confirmationCode: Code);
        var trigger = await lab.TriggerAsync();
        var initiated = await lab.SendAsync(DownloadLab.Initiate(trigger, lab.Smdp.Address));
        var authenticated = await lab.SendAsync(lab.Authenticate(initiated));

        Assert.Equal(
            Convert.ToHexString([0x04, 32, .. ConfirmationCodeHash.Compute(Code, lab.Smdp.LastSession)]),
            Convert.ToHexString(BehindCertificate(authenticated).Span));

        await lab.SendAsync(lab.Prepare(authenticated));
        await lab.NotifyAsync(lab.Installed(lab.Smdp.LastSession));
        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        Assert.True(await lab.Engine.Data.HoldsAsync(Encoding.ASCII.GetBytes("operator")));
        Assert.False(await lab.Engine.Data.HoldsAsync(Encoding.ASCII.GetBytes(Code)));
        Assert.False(await lab.Engine.Data.HoldsAsync(ConfirmationCodeHash.Compute(Code, lab.Smdp.LastSession)));
        Assert.DoesNotContain(lab.Engine.Log.Lines, line => line.Contains(Code, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, Code)]
    public async Task No_hash_where_there_is_no_code_or_no_demand(bool demanded, string? code)
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.DemandsConfirmationCode = demanded;
        var operation = await lab.ScheduleAsync(confirmationCode: code);
        var trigger = await lab.TriggerAsync();
        var authenticated = await lab.SendAsync(lab.Authenticate(await lab.SendAsync(DownloadLab.Initiate(trigger, lab.Smdp.Address))));

        Assert.True(BehindCertificate(authenticated).IsEmpty);
        await lab.SendAsync(lab.Cancel(lab.Smdp.LastSession, CancelSessionReason.LoadBppExecutionError));
        await lab.ProvideAsync(trigger, lab.NotInstalled(lab.Smdp.LastSession, InstallationErrorReason.Interruption));
        Assert.StartsWith("Failed", await lab.StatusAsync(operation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(IpaFeatures.DirectRspServerCommunication, true, "Failed 8004")]
    [InlineData(IpaFeatures.DirectRspServerCommunication, false, "Failed 8005")]
    [InlineData(IpaFeatures.DirectRspServerCommunication | IpaFeatures.IndirectRspServerCommunication, true, "Scheduled")]
    [InlineData(IpaFeatures.DirectRspServerCommunication | IpaFeatures.IndirectRspServerCommunication, false, "Failed 8005")]
    [InlineData(IpaFeatures.IndirectRspServerCommunication, true, "Scheduled")]
    [InlineData(IpaFeatures.MinimizeEsipaBytes, true, "Failed 8001")]
    public async Task Download_whose_device_could_not_pass_the_code_fails_at_once(IpaFeatures features, bool indirect, string expected)
    {
        await using var lab = await DownloadLab.StartAsync(engine, indirect: indirect);
        await lab.TellCapabilitiesAsync(features);
        var operation = await lab.ScheduleAsync(confirmationCode: Code);

        await lab.Device.PollAsync();

        Assert.Equal(expected, await lab.StatusAsync(operation));
    }

    private static ReadOnlyMemory<byte> BehindCertificate(RelayedAnswer authenticated)
    {
        var arm = new BerReader(authenticated.Success!.Value);
        var ok = arm.ReadConstructed(0xA0);
        ok.ReadTransactionId(0x80);
        ok.ReadEncoded(0xBF25);
        ok.ReadEncoded(0x30);
        ok.ReadValue(0x5F37);
        ok.ReadEncoded(0x30);
        return ok.Remaining;
    }
}

public sealed class ConfirmationCodeTestsOnSqlite() : ConfirmationCodeTests(DbEngine.Sqlite);

public sealed class ConfirmationCodeTestsOnPostgres() : ConfirmationCodeTests(DbEngine.Postgres);
