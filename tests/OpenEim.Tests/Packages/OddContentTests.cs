using System.Globalization;
using System.Text.Json;
using CsCheck;
using OpenEim.Manager.Operations;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Server.Api;
using OpenEim.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>
/// Whatever stands in a leaf of what an eUICC has signed: it is stored and acknowledged, the rest is read, the device is not asked the same
/// again, and the API's answer stays JSON.
/// </summary>
public abstract class OddContentTests(DbEngine engine, int samples)
{
    private static readonly byte[] SmdpOid = [0x88, 0x37, 0x0A];

    private static readonly (OperationAction Action, Iccid? Iccid)[] Commands =
    [
        (OperationAction.Audit, null), (OperationAction.Enable, EngineLab.Second), (OperationAction.Disable, EngineLab.First),
        (OperationAction.Delete, EngineLab.Third), (OperationAction.SetFallback, EngineLab.Second), (OperationAction.UnsetFallback, null),
    ];

    // What cards are known to hold, and anything.
    private static readonly Gen<byte[]> Values = Gen.OneOf(
        Gen.Byte.Array[0, 40],
        Gen.Byte.Array[250, 400],
        Gen.OneOfConst<byte[]>([], [0], [0xFF], [0x4C, 0x00, 0x61], [0xC3], [0xED, 0xA0, 0x80], [0x80, 0, 0, 0, 0, 0, 0, 0, 1], [0x07, 0xFF], [0x09]));

    [Fact]
    public async Task Odd_value_in_any_leaf_of_a_package_result_is_stored_and_acknowledged_and_ends_its_operation()
    {
        await using var lab = new EngineLab(engine);
        var number = 0;
        await Gen.Select(Gen.Int[0, Commands.Length - 1], Gen.Int[0, 1000], Values).SampleAsync(
            async (command, leaf, value) =>
            {
                var (device, card) = await NewAsync(lab, Interlocked.Increment(ref number));
                using var identity = card;
                var operation = await lab.ScheduleAsync(device, Commands[command].Action, Commands[command].Iccid);
                var package = (await device.PollAsync())!;
                var signed = (SignedPackageResult)device.Execute(package).PackageResult!;
                var mutated = Mutate(signed.SignedData, leaf, value, out var tag, strict: 0);
                var result = Resign(signed, mutated, card);
                var what = $"{Commands[command].Action}, tag {tag:X}, value {Convert.ToHexString(value)}";

                var response = await device.ProvideAndLoseAnswerAsync(new EimPackageResult(result));

                Assert.True(response.Error is null, $"{what}: {response.Error}");
                Assert.True(tag == 0x83 || response.Acknowledgements is not null, $"{what}: not acknowledged");
                Assert.True((await lab.ReadAsync(device, operation)).Status is OperationStatus.Succeeded or OperationStatus.Failed, $"{what}: it goes on");
                Assert.NotEqual(package, await device.PollAsync());
                await AssertJsonAsync(lab, device, operation);
            },
            iter: samples,
            threads: 1);
    }

    [Fact]
    public async Task Odd_value_in_a_notification_loses_neither_that_nor_the_enable_that_it_travels_with()
    {
        await using var lab = new EngineLab(engine);
        var number = 0;
        await Gen.Select(Gen.Bool, Gen.Int[0, 1000], Values).SampleAsync(
            async (isInstallation, leaf, value) =>
            {
                var (device, card) = await NewAsync(lab, Interlocked.Increment(ref number));
                using var identity = card;
                var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
                var result = device.Execute((await device.PollAsync())!).PackageResult!;
                PendingNotification odd = isInstallation ? Installation(card, leaf, value, out var tag) : Notification(card, lab, leaf, value, out tag);
                var what = $"tag {tag:X}, value {Convert.ToHexString(value)}";

                var response = await device.ProvideAndLoseAnswerAsync(new EimPackageResult(result, [odd]));

                Assert.Null(response.Error);
                Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
                Assert.True(response.Acknowledgements!.SequenceNumbers.Count == 2 || odd.Metadata!.SequenceNumber is null, $"{what}: not acknowledged");
                Assert.True(await IsKeptAsync(lab, device, odd), $"{what}: not kept");
                await AssertJsonAsync(lab, device, operation);
            },
            iter: samples,
            threads: 1);
    }

    [Fact]
    public async Task Odd_values_in_data_leave_the_signed_parts_inside_as_they_are()
    {
        await using var lab = new EngineLab(engine);
        var number = 0;
        await Gen.Select(Gen.Int[0, 1000], Values, Gen.Int[0, 1000]).SampleAsync(
            async (leaf, value, signedLeaf) =>
            {
                var (device, card) = await NewAsync(lab, Interlocked.Increment(ref number));
                using var identity = card;
                await lab.ScheduleAsync(device, OperationAction.Audit);
                await device.ProvideAsync(device.Execute((await device.PollAsync())!));
                var request = BerMessage.Decode<IpaEuiccDataRequest>((await device.PollAsync())!);
                var claims = new IpaEuiccData
                {
                    TransactionId = request.TransactionId,
                    DefaultSmdpAddress = "smdp.test",
                    RootSmdsAddress = "smds.test",
                    AssociationToken = 4,
                    IpaCapabilities = new IpaCapabilities(IpaFeatures.DirectRspServerCommunication),
                }.Encode();
                var odd = Notification(card, lab, signedLeaf, value, out _);
                var data = WithSigned(Mutate(claims, leaf, value, out var tag, strict: -1), odd);
                var message = new ProvideEimPackageResult(
                    device.Eid, new EimPackageResult(DataResponse: BerMessage.Decode<IpaEuiccDataResponse>(data))).Encode();

                var response = await lab.Eim.Esipa.ProvideEimPackageResult.ExecuteAsync((ProvideEimPackageResult)EsipaRequest.Decode(message), ct: TestContext.Current.CancellationToken);

                var what = $"tag {tag:X}, value {Convert.ToHexString(value)}";
                Assert.True(response.Error is null, $"{what}: {response.Error}");
                Assert.True(response.Acknowledgements is not null || odd.Metadata!.SequenceNumber is null, $"{what}: not acknowledged");
                Assert.True(await IsKeptAsync(lab, device, odd), $"{what}: not kept");
                await AssertJsonAsync(lab, device, null);
            },
            iter: samples,
            threads: 1);
    }

    [Fact]
    public async Task Outcome_that_cannot_be_read_fails_its_operation_with_a_reason_of_its_own_and_is_kept()
    {
        await using var lab = new EngineLab(engine);
        var (device, card) = await NewAsync(lab, 1);
        using var identity = card;
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var signed = (EuiccPackageResultSigned)device.Execute((await device.PollAsync())!).PackageResult!;
        var data = SignedMutation.Replace(signed.SignedData, SignedMutation.LeavesOf(signed.SignedData) - 1, [1, 2, 3, 4, 5, 6, 7, 8, 9], out var tag);
        Assert.Equal(0x83u, tag);

        var response = await device.ProvideAsync(new EimPackageResult(Resign(signed, data, card)));

        Assert.Equal([signed.SequenceNumber!.Value], response.Acknowledgements!.SequenceNumbers);
        Assert.Equal(1901, (await lab.ReadAsync(device, operation)).Failure!.Reason);
        Assert.Equal("bf51 83 8309010203040506070809", await UnreadableAsync(lab, device));
        Assert.Contains(lab.Log.Lines, line => line.Contains($"eUICC {device.Eid}: 1 values that it has signed cannot be read and are kept", StringComparison.Ordinal));

        // The card has done it nevertheless, as its list shows.
        await device.RunAsync();
        Assert.Equal("1 Installed, 2 Enabled, 3 Installed", await lab.ProfilesAsync(device));
    }

    private static async Task<(HandDrivenIpa Device, RspIdentity Card)> NewAsync(EngineLab lab, int number)
    {
        var eid = Eid.Parse(string.Create(CultureInfo.InvariantCulture, $"890490320000000000000000{number:D8}"));
        var card = lab.Pki.IssueEuicc(eid);
        var device = await lab.NewDeviceAsync(number, card);
        await device.RunAsync();
        return (device, card);
    }

    /// <summary>Another value in a leaf of the data, but not in that of the eIM's id, which says for whom it is.</summary>
    private static byte[] Mutate(ReadOnlyMemory<byte> data, int leaf, byte[] value, out uint tag, int strict)
    {
        var leaves = SignedMutation.LeavesOf(data);
        leaf %= leaves;
        return SignedMutation.Replace(data, leaf == strict ? leaf + 1 : leaf, value, out tag);
    }

    private static EuiccPackageResult Resign(SignedPackageResult result, byte[] data, RspIdentity card)
    {
        var signature = card.Key.Sign(PackageSignature.Input(data, null));
        return BerMessage.Decode<EuiccPackageResult>(result is EuiccPackageErrorSigned
            ? EuiccPackageErrorSigned.Encode(data, signature)
            : EuiccPackageResultSigned.Encode(data, signature));
    }

    private static OtherSignedNotification Notification(RspIdentity card, EngineLab lab, int leaf, byte[] value, out uint tag)
    {
        var data = Mutate(new NotificationMetadata(900, NotificationEvents.Enable, "smdp.test", EngineLab.Second).Encode(), leaf, value, out tag, strict: -1);
        return OtherSignedNotification.Create(data, card.Key.Sign(data), card.Certificate.Encoded, lab.Pki.Eum.Certificate.Encoded);
    }

    private static ProfileInstallationResult Installation(RspIdentity card, int leaf, byte[] value, out uint tag)
    {
        InstallationFinalResult final = leaf % 2 == 0
            ? new InstallationFinalResult.Success(new byte[16], Convert.FromHexString("3007A0053003800100"))
            : new InstallationFinalResult.Failure(BppCommandId.LoadProfileElements, InstallationErrorReason.Scp03tSecurityError);
        var metadata = new NotificationMetadata(900, NotificationEvents.Install, "smdp.test", EngineLab.Second);
        var data = Mutate(
            ProfileInstallationResult.EncodeData(TransactionId.FromBytes([10, 11]), metadata, SmdpOid, final), leaf / 2, value, out tag, strict: -1);
        return ProfileInstallationResult.Create(data, card.Key.Sign(data));
    }

    /// <summary>The data response with a notification that the eUICC has signed.</summary>
    private static byte[] WithSigned(byte[] data, OtherSignedNotification notification)
    {
        var claims = new BerReader(data).Inside(0xBF52).ReadConstructed(0xA0).Remaining;
        return BerWriting.Encode(writer =>
        {
            using (writer.Constructed(0xBF52))
            using (writer.Constructed(0xA0))
            {
                using (writer.Constructed(0xA0))
                {
                    notification.Encode(writer);
                }

                writer.Raw(claims.Span);
            }
        });
    }

    private static Task<bool> IsKeptAsync(EngineLab lab, HandDrivenIpa device, PendingNotification notification) => lab.Database.ReadAsync(async session =>
        await session.ExecuteScalarAsync<long>(
            "SELECT (SELECT count(*) FROM notification WHERE eid = @eid AND encoded = @encoded) + (SELECT count(*) FROM unreadable WHERE eid = @eid AND encoded = @encoded)",
            new { eid = device.Eid.ToBytes(), encoded = notification.Encoded.ToArray() }) == 1).AsTask();

    private static async Task<string> UnreadableAsync(EngineLab lab, HandDrivenIpa device)
    {
        var rows = await lab.Database.ReadAsync(session => session.QueryAsync<Row>(
            "SELECT message, tag, encoded FROM unreadable WHERE eid = @eid", new { eid = device.Eid.ToBytes() }));
        return string.Join(", ", rows.Select(row => $"{row.Message:x} {row.Tag:x} {Convert.ToHexString(row.Encoded)}"));
    }

    private static async Task AssertJsonAsync(EngineLab lab, HandDrivenIpa device, Guid? operation)
    {
        using var euicc = JsonDocument.Parse(
            JsonSerializer.SerializeToUtf8Bytes(EuiccJson.Of(await lab.ReadAsync(device), "eim.test"), JsonBody.Shapes.EuiccJson));
        Assert.Equal(device.Eid.ToString(), euicc.RootElement.GetProperty("eid").GetString());
        if (operation is { } id)
        {
            using var entry = JsonDocument.Parse(
                JsonSerializer.SerializeToUtf8Bytes(OperationJson.Of(await lab.ReadAsync(device, id)), JsonBody.Shapes.OperationJson));
            Assert.Equal(JsonValueKind.Object, entry.RootElement.ValueKind);
        }
    }

    private sealed class Row
    {
        public long Message { get; init; }

        public long Tag { get; init; }

        public byte[] Encoded { get; init; } = [];
    }
}

public sealed class OddContentTestsOnSqlite() : OddContentTests(DbEngine.Sqlite, 400);

public sealed class OddContentTestsOnPostgres() : OddContentTests(DbEngine.Postgres, 60);
