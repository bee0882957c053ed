using Microsoft.Extensions.Logging.Abstractions;
using OpenEim.Manager;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Notifications;
using OpenEim.Manager.Operations;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Tests.Packages;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Downloads;

/// <summary>"EID first": every statement on the device's path names the EID, so that a distributed database asks one shard. Read from what really ran.</summary>
public sealed class EidFirstTests
{
    /// <summary>The statements that do not, and why they need not. None of them locks or changes anything.</summary>
    private static readonly Dictionary<string, string> Exceptions = new(StringComparer.Ordinal)
    {
        ["SELECT eid FROM euicc WHERE id = $1"] = "the EID of a number never changes, so each node asks once for each eUICC",
        ["SELECT DISTINCT eid FROM (SELECT eid FROM operation WHERE slice = ANY($1) AND status = 1 AND deadline <= $2 LIMIT 1000) due"] =
            "the background finds its candidates by slice, without a lock, and ends each under its eUICC's row",
        ["SELECT DISTINCT eid FROM (SELECT eid FROM operation WHERE slice = ANY($1) AND status = 1 AND deadline > $2 LIMIT 1000) due"] =
            "as above, for what a clock dated that was ahead",
        ["SELECT DISTINCT eid FROM (SELECT eid FROM notification WHERE slice = ANY($1) AND next_attempt <= $2 ORDER BY next_attempt LIMIT 200) due"] =
            "as above, for what is to be forwarded",
        ["SELECT DISTINCT eid FROM (SELECT eid FROM notification WHERE slice = ANY($1) AND next_attempt > $2 ORDER BY next_attempt LIMIT 200) due"] =
            "as above, for what a clock dated that was ahead",
        ["SELECT euicc.sgp32_version FROM (SELECT eid FROM operation WHERE smdp_address = $1 AND status = 1 AND action = 2 AND step = 0 AND delivered IS NOT NULL LIMIT 1000) AS waiting JOIN euicc ON euicc.eid = waiting.eid"] =
            "a v1.0 device says neither its EID nor our transaction when it begins a download",
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_statement_on_the_path_of_a_device_names_its_EID()
    {
        await using var server = await ExplainedServer.StartAsync();
        var data = await TestDatabase.CreateAsync(server, typeof(Eim).Assembly);
        await ExplainedServer.WriteTextsAsync(server);
        await using (var lab = await DownloadLab.StartAsync(data))
        {
            await ManageAsync(lab);
            await ScheduleInBulkAsync(lab);
            await RepeatAsync(lab);
            await AnswerAsVersion10Async(lab);
            await DownloadAsync(lab);
            await LookAfterAsync(lab);
        }

        var statements = (await ExplainedServer.ReadTextsAsync(server, Ct)).Where(sql => EidFirst.TablesOf(sql).Any()).ToList();

        Assert.True(statements.Count > 60, $"only {statements.Count} statements were seen");
        Assert.Equal(EidFirst.Tables.Order(), statements.SelectMany(EidFirst.TablesOf).Distinct().Order());
        Assert.Contains(statements, sql => sql.StartsWith("COPY euicc_data (eid, ", StringComparison.Ordinal));
        Assert.Contains(statements, sql => sql.StartsWith("INSERT INTO contact (eid, ", StringComparison.Ordinal));
        var objections = statements.Except(Exceptions.Keys).Select(EidFirst.Objection).Where(objection => objection is not null);
        Assert.True(!objections.Any(), string.Join("\n", objections));
        Assert.Empty(Exceptions.Keys.Except(statements));
    }

    [Theory]
    [InlineData("SELECT status FROM operation WHERE id = $1")]
    [InlineData("SELECT status FROM operation WHERE eid > $1")]
    [InlineData("SELECT status FROM operation WHERE eid <> $1 AND id = $2")]
    [InlineData("SELECT status FROM operation WHERE eid = $1 OR id = $2")]
    [InlineData("SELECT status FROM operation ORDER BY eid")]
    [InlineData("SELECT iccid FROM stock_profile WHERE eid = $1 AND iccid IN (SELECT iccid FROM profile WHERE status = 7)")]
    [InlineData("SELECT o.id FROM operation o JOIN exchange x ON x.operation_id = o.id WHERE o.eid = $1")]
    [InlineData("SELECT o.id FROM operation o, exchange x WHERE o.eid = $1")]
    [InlineData("UPDATE euicc SET tasks = $1 WHERE id = $2")]
    [InlineData("DELETE FROM notification WHERE sequence_number = $1")]
    [InlineData("INSERT INTO contact (last_polled) VALUES ($1)")]
    [InlineData("COPY operation (id, action) FROM STDIN (FORMAT BINARY)")]
    public void Statement_without_the_EID_is_noticed(string sql) => Assert.NotNull(EidFirst.Objection(sql));

    [Theory]
    [InlineData("SELECT eid, pending_count FROM euicc WHERE eid = ANY($1)")]
    [InlineData("SELECT note FROM exchange WHERE kind = 1 AND eid = $1 AND (held_until IS NULL OR held_until < $2)")]
    [InlineData("SELECT euicc.id, exchange.request FROM euicc LEFT JOIN exchange ON exchange.eid = euicc.eid AND exchange.transaction_id = $2 WHERE euicc.eid = $1")]
    [InlineData("INSERT INTO profile (eid, iccid) VALUES ($1, $2) ON CONFLICT (eid, iccid) DO UPDATE SET status = 7 WHERE profile.status = 8")]
    public void Statement_with_the_EID_is_fine(string sql) => Assert.Null(EidFirst.Objection(sql));

    /// <summary>What is scheduled and brought back, from first contact on.</summary>
    private static async Task ManageAsync(DownloadLab lab)
    {
        await lab.Device.PollAsync(notifyStateChange: true);
        await lab.Device.RunAsync();
        await lab.TellCapabilitiesAsync(IpaFeatures.IndirectRspServerCommunication | IpaFeatures.DirectRspServerCommunication);
        var operations = new (OperationAction Action, Iccid? Iccid)[]
        {
            (OperationAction.SetFallback, EngineLab.Second), (OperationAction.UnsetFallback, null), (OperationAction.Enable, EngineLab.Second),
            (OperationAction.Disable, EngineLab.Second), (OperationAction.Delete, EngineLab.Third), (OperationAction.Audit, null),
        };
        foreach (var (action, iccid) in operations)
        {
            var operation = await lab.Engine.ScheduleAsync(lab.Device, action, iccid);
            var canceled = await lab.Engine.ScheduleAsync(lab.Device, OperationAction.Audit);
            Assert.Equal(CancelOutcome.Canceled, (await lab.Engine.CancelAsync(lab.Device, canceled)).Outcome);
            await lab.Device.RunAsync();
            Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        }
    }

    /// <summary>What is scheduled on many at once.</summary>
    private static async Task ScheduleInBulkAsync(DownloadLab lab)
    {
        var scheduler = new BulkScheduler(
            lab.Engine.Database, lab.Engine.Downloads.Secrets, lab.Engine.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<BulkScheduler>.Instance);
        var audit = new NewOperation { Action = OperationAction.Audit, Validity = TimeSpan.FromHours(1) };
        var outcome = await scheduler.ScheduleAsync(1, new OperationCreator(1, "bulk"), audit, [new OperationTarget(lab.Device.Eid, null)], null, Ct);
        Assert.Equal(1, outcome.Scheduled);
        await lab.Device.RunAsync();
    }

    /// <summary>What comes twice, what cannot be believed and what is lost.</summary>
    private static async Task RepeatAsync(DownloadLab lab)
    {
        var ended = await lab.Engine.ScheduleAsync(lab.Device, OperationAction.Enable, EngineLab.First);
        var package = (await lab.Device.PollAsync())!;
        Assert.Equal(package, await lab.Device.PollAsync());
        var result = lab.Device.Execute(package);
        await lab.Device.ProvideAndLoseAnswerAsync(result, withEid: false);
        await lab.Device.ProvideAsync(result);
        Assert.Equal("Succeeded", await lab.StatusAsync(ended));

        await lab.Engine.ScheduleAsync(lab.Device, OperationAction.Enable, EngineLab.Second);
        var refused = BerMessage.Decode<EuiccPackageRequest>((await lab.Device.PollAsync())!).ReadSigned();
        await lab.Device.ProvideAndLoseAnswerAsync(new EimPackageResult(
            Error: new EimPackageResultError(refused.TransactionId, EimPackageResultErrorCode.InvalidPackageFormat)));
        lab.Engine.Clock.Advance(TimeSpan.FromMinutes(2));

        // The card has run it and its result never comes: it is asked for what it has stored.
        lab.Device.Execute((await lab.Device.PollAsync())!);
        await lab.Device.RunAsync();
    }

    /// <summary>A result that names neither the EID nor the transaction, and one that never comes after what could not be believed.</summary>
    private static async Task AnswerAsVersion10Async(DownloadLab lab)
    {
        var disabled = await lab.Engine.ScheduleAsync(lab.Device, OperationAction.Disable, EngineLab.Second);
        var request = BerMessage.Decode<EuiccPackageRequest>((await lab.Device.PollAsync())!);
        var package = request.ReadSigned();
        var data = EuiccPackageResultSigned.EncodeData(package.EimId, package.CounterValue, null, 40, [new CommandResult(EuiccCommand.Disable, 0)]);
        var signed = EuiccPackageResultSigned.Encode(data, lab.Card.Key.Sign(PackageSignature.InputV10(data, request.Signature.Span)));
        await lab.Device.ProvideAndLoseAnswerAsync(new EimPackageResult(BerMessage.Decode<EuiccPackageResult>(signed)));
        Assert.Equal("Succeeded", await lab.StatusAsync(disabled));

        var lost = await lab.Engine.ScheduleAsync(lab.Device, OperationAction.Delete, EngineLab.Second, validity: 60);
        await lab.Device.PollAsync();
        var forged = EuiccPackageResultSigned.Encode(data, new byte[64]);
        await lab.Device.ProvideAndLoseAnswerAsync(new EimPackageResult(BerMessage.Decode<EuiccPackageResult>(forged)));
        lab.Engine.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(await lab.Device.PollAsync());
        Assert.Equal("Failed 9003", await lab.StatusAsync(lost));
    }

    /// <summary>Downloads past the eIM and through it, by devices of both versions; one that fails after a second delivery, one that is cancelled.</summary>
    private static async Task DownloadAsync(DownloadLab lab)
    {
        lab.Smdp.Iccid = Iccid.Parse("8949000000000000009");
        var direct = await lab.ScheduleAsync(enable: true);
        await lab.ProvideAsync(await lab.TriggerAsync(), lab.Installed(TransactionId.Random()));
        await lab.Device.RunAsync();
        Assert.NotEqual("Scheduled", await lab.StatusAsync(direct));

        var relayed = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        await lab.ProvideAsync(trigger, lab.Installed(await lab.RelayAsync(trigger)));
        Assert.Equal("Succeeded", await lab.StatusAsync(relayed));

        var old = await lab.ScheduleAsync();
        await lab.SpeakAsync(SpokenVersion.V10);
        await lab.NotifyAsync(lab.Installed(await lab.RelayAsync(await lab.TriggerAsync() with { TransactionId = null })));
        Assert.Equal("Succeeded", await lab.StatusAsync(old));

        var failed = await lab.ScheduleAsync();
        trigger = await lab.TriggerAsync();
        await lab.ReportAsync(trigger);
        await lab.Device.RunAsync();
        Assert.Equal("Failed 4127", await lab.StatusAsync(failed));

        var canceled = await lab.ScheduleAsync();
        await lab.SendAsync(lab.Authenticate(await lab.SendAsync(DownloadLab.Initiate(await lab.TriggerAsync(), lab.Smdp.Address))));
        await lab.SendAsync(lab.Cancel(lab.Smdp.LastSession, CancelSessionReason.PprNotAllowed));
        Assert.Equal("Failed 4603", await lab.StatusAsync(canceled));
    }

    /// <summary>What happens without the device.</summary>
    private static async Task LookAfterAsync(DownloadLab lab)
    {
        var expired = await lab.Engine.ScheduleAsync(lab.Device, OperationAction.Audit, validity: 60);
        lab.Engine.Clock.Advance(TimeSpan.FromHours(1));
        await lab.Engine.SweepAsync();
        Assert.Equal("Expired", await lab.StatusAsync(expired));
        await lab.Engine.FlushContactsAsync();
        var forwarder = new NotificationForwarder(
            lab.Engine.Database, lab.Engine.Downloads.Es9Plus, lab.Engine.Slices, lab.Engine.Clock, NullLogger<NotificationForwarder>.Instance);
        Assert.True(await forwarder.RunOnceAsync(Ct) > 0);
    }
}
