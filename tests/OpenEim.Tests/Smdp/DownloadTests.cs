using System.Text;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.ProfilePackages;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Smdp.Orders;
using OpenEim.Smdp.Profiles;
using OpenEim.Storage;

namespace OpenEim.Tests.Smdp;

/// <summary>A profile's way from the order to the eUICC.</summary>
public abstract class DownloadTests(DbEngine engine)
{
    [Theory]
    [InlineData(false, false, EcCurve.P256)]
    [InlineData(true, false, EcCurve.P256)]
    [InlineData(false, true, EcCurve.P256)]
    [InlineData(false, false, EcCurve.BrainpoolP256r1)]
    public async Task A_profile_is_ordered_delivered_and_reported_installed(bool asn1, bool ownKeys, EcCurve curve)
    {
        // TLS libraries do not share brainpool, so there the listener is plain HTTP on the loopback.
        await using var bench = await SmdpBench.StartAsync(engine,
            options => curve == EcCurve.P256 ? options : options with { Es9PlusUrl = new Uri("http://127.0.0.1:0") },
            curve,
            type: type => type with { ReplaceSessionKeys = ownKeys, FallbackAllowed = true });
        var device = asn1 ? bench.Asn1Device : bench.Device;
        var euicc = bench.NewEuicc();
        var (iccid, matchingId) = await bench.OrderAsync();
        Assert.Equal(StockState.Released, await bench.StateOfAsync(iccid));

        var session = await bench.AuthenticateAsync(euicc, matchingId, device);
        var metadata = session.Client.ReadProfileMetadata();
        Assert.Equal(iccid, metadata.Iccid);
        Assert.True(metadata.FallbackAllowed);
        Assert.Equal(StockState.Released, await bench.StateOfAsync(iccid));

        using var key = OneTimeKey.Generate(curve);
        var delivered = await bench.GetPackageAsync(session, key, device: device);
        Assert.Equal(StockState.Downloaded, await bench.StateOfAsync(iccid));
        var (package, storedMetadata) = euicc.Load(delivered, bench.Host.Pki.DpPb!.Certificate, key);
        Assert.Equal(session.Client.ProfileMetadata.ToArray(), storedMetadata);
        using var profile = ProfileTemplate.Parse(package);
        using var subscriber = profile.ReadSubscriber();
        Assert.Equal(iccid, subscriber.Iccid);
        Assert.Equal(ownKeys, BerMessage.Decode<BoundProfilePackage>(delivered.BoundProfilePackage).ReplaceSessionKeys is not null);

        await device.NotifyAsync(euicc.Result(delivered.TransactionId, iccid));
        Assert.Equal(StockState.Installed, await bench.StateOfAsync(iccid));
    }

    [Fact]
    public async Task The_same_first_message_again_gets_the_same_answer_and_another_one_nothing()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var euicc = bench.NewEuicc();
        var (_, matchingId) = await bench.OrderAsync();
        var session = await bench.AuthenticateAsync(euicc, matchingId);
        var request = new AuthenticateClientRequest(session.Client.TransactionId, SmdpBench.Encode(session.Response));

        var again = await bench.Asn1Device.AuthenticateAsync(request);
        Assert.Equal(session.Client.SmdpSignature2.ToArray(), again.SmdpSignature2.ToArray());
        Assert.Equal(session.Client.SmdpSigned2.ToArray(), again.SmdpSigned2.ToArray());

        var resigned = session.Response with { Ok = session.Response.Ok! with { Signature = euicc.Identity.Key.Sign(session.Response.Ok!.SignedData.Span) } };
        Assert.Equal("8.10.1/3.9", await FailureOf(bench.Device.AuthenticateAsync(request with { AuthenticateServerResponse = SmdpBench.Encode(resigned) })));
    }

    [Fact]
    public async Task Subscribers_from_a_file_are_in_the_package_and_come_back_out()
    {
        const string file = "iccid,imsi,ki,opc\n8949000000000000019,262990000000001,000102030405060708090A0B0C0D0E0F,101112131415161718191A1B1C1D1E1F\n";
        await using var bench = await SmdpBench.StartAsync(engine);
        var ct = TestContext.Current.CancellationToken;

        var iccids = await bench.Host.Profiles.ImportAsync(SmdpBench.ProfileType, SubscriberFile.Read(file), ct);

        Assert.Equal(["8949000000000000019"], iccids);
        var exported = await bench.Host.Profiles.ExportAsync(iccids, ct);
        using var subscriber = exported[0];
        Assert.Contains("8949000000000000019,262990000000001,000102030405060708090A0B0C0D0E0F,101112131415161718191A1B1C1D1E1F,", SubscriberFile.Write(exported), StringComparison.Ordinal);
        await Assert.ThrowsAsync<ProtocolException>(() => bench.Host.Profiles.ImportAsync(SmdpBench.ProfileType, SubscriberFile.Read(file), ct));
        var e = Assert.Throws<ProtocolException>(() => SubscriberFile.Read(file.Replace("000102", "secret", StringComparison.Ordinal)));
        Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_installation_ends_in_Error_and_a_deleted_profile_in_Deleted()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var euicc = bench.NewEuicc();
        var (failed, failedId) = await bench.OrderAsync();
        var (deleted, deletedId) = await bench.OrderAsync();
        using var key = OneTimeKey.Generate(EcCurve.P256);

        var first = await bench.GetPackageAsync(await bench.AuthenticateAsync(euicc, failedId), key);
        await bench.Device.NotifyAsync(euicc.Result(first.TransactionId, failed, success: false));
        var second = await bench.GetPackageAsync(await bench.AuthenticateAsync(euicc, deletedId), key);
        await bench.Device.NotifyAsync(euicc.Result(second.TransactionId, deleted, sequence: 2));
        await bench.Device.NotifyAsync(euicc.Notification(NotificationEvents.Enable, deleted, 3));
        Assert.Equal(StockState.Installed, await bench.StateOfAsync(deleted));
        await bench.Device.NotifyAsync(euicc.Notification(NotificationEvents.Delete, deleted, 4));

        Assert.Equal(StockState.Error, await bench.StateOfAsync(failed));
        Assert.Equal(StockState.Deleted, await bench.StateOfAsync(deleted));
        await bench.Device.NotifyAsync(euicc.Result(second.TransactionId, deleted, sequence: 2));
        Assert.Equal(StockState.Deleted, await bench.StateOfAsync(deleted));
    }

    [Fact]
    public async Task Forged_notifications_are_acknowledged_and_change_nothing()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var euicc = bench.NewEuicc();
        var stranger = bench.NewEuicc(2);
        var (iccid, matchingId) = await bench.OrderAsync();
        using var key = OneTimeKey.Generate(EcCurve.P256);
        var delivered = await bench.GetPackageAsync(await bench.AuthenticateAsync(euicc, matchingId), key);

        await bench.Device.NotifyAsync(euicc.Result(delivered.TransactionId, iccid, signer: stranger.Identity));
        await bench.Device.NotifyAsync(euicc.Notification(NotificationEvents.Delete, iccid, 2, signer: stranger.Identity));
        await bench.Device.NotifyAsync(stranger.Notification(NotificationEvents.Delete, iccid, 2));

        Assert.Equal(StockState.Downloaded, await bench.StateOfAsync(iccid));
    }

    [Fact]
    public async Task The_same_message_again_gets_the_same_package_and_the_same_key_in_a_new_session_the_same_segments()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var euicc = bench.NewEuicc();
        var (iccid, matchingId) = await bench.OrderAsync();
        using var key = OneTimeKey.Generate(EcCurve.P256);
        var session = await bench.AuthenticateAsync(euicc, matchingId);
        Assert.Null(BerMessage.Decode<SmdpSigned2>(session.Client.SmdpSigned2).BppEuiccOtpk);
        var first = await bench.GetPackageAsync(session, key);

        var repeated = await bench.GetPackageAsync(session, key);
        Assert.Equal(first.BoundProfilePackage.ToArray(), repeated.BoundProfilePackage.ToArray());

        await bench.RestartAsync();
        var again = await bench.AuthenticateAsync(euicc, matchingId);
        Assert.Equal(key.PublicKey.Point.ToArray(), BerMessage.Decode<SmdpSigned2>(again.Client.SmdpSigned2).BppEuiccOtpk!.Value.ToArray());
        var retried = await bench.GetPackageAsync(again, key);
        Assert.Equal(SegmentsOf(first), SegmentsOf(retried));
        var (package, _) = euicc.Load(retried, bench.Host.Pki.DpPb!.Certificate, key);
        using var profile = ProfileTemplate.Parse(package);
        Assert.Equal(iccid, profile.HeaderIccid);

        await bench.Device.NotifyAsync(euicc.Result(retried.TransactionId, iccid));
        Assert.Equal(StockState.Installed, await bench.StateOfAsync(iccid));
    }

    [Fact]
    public async Task An_eUICC_that_lost_its_one_time_key_gets_the_profile_bound_anew_in_a_new_session_only()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var euicc = bench.NewEuicc();
        var (_, matchingId) = await bench.OrderAsync();
        using var key = OneTimeKey.Generate(EcCurve.P256);
        using var other = OneTimeKey.Generate(EcCurve.P256);
        var session = await bench.AuthenticateAsync(euicc, matchingId);
        var first = await bench.GetPackageAsync(session, key);

        Assert.Equal("8.2/3.7", await FailureOf(bench.GetPackageAsync(session, other)));
        var second = await bench.GetPackageAsync(await bench.AuthenticateAsync(euicc, matchingId), other);

        Assert.NotEqual(SegmentsOf(first), SegmentsOf(second));
        euicc.Load(second, bench.Host.Pki.DpPb!.Certificate, other);
    }

    [Fact]
    public async Task Of_two_eUICCs_that_race_for_one_matching_id_exactly_one_gets_the_profile()
    {
        const int races = 12;
        await using var bench = await SmdpBench.StartAsync(engine, profiles: races);
        using var key = OneTimeKey.Generate(EcCurve.P256);
        await Parallel.ForAsync(0, races, TestContext.Current.CancellationToken, async (race, _) =>
        {
            var (iccid, matchingId) = await bench.OrderAsync();
            var sessions = new List<OpenSession>();
            for (var i = 0; i < 2; i++)
            {
                TestEuicc euicc;
                lock (bench)
                {
                    euicc = bench.NewEuicc(10 + (2 * race) + i);
                }

                sessions.Add(await bench.AuthenticateAsync(euicc, matchingId));
            }

            var keys = sessions.Select(_ => OneTimeKey.Generate(EcCurve.P256)).ToList();
            var outcomes = await Task.WhenAll(sessions.Select((session, i) => Task.Run(async () =>
            {
                try
                {
                    await bench.GetPackageAsync(session, keys[i]);
                    return "delivered";
                }
                catch (Es9PlusFailure e)
                {
                    return e.Code;
                }
            })));

            Assert.Equal(["8.2/3.7", "delivered"], outcomes.Order(StringComparer.Ordinal));
            var winner = sessions[Array.IndexOf(outcomes, "delivered")].Euicc;
            Assert.Equal(winner.Eid.ToString(), (await bench.Host.Profiles.FindAsync(iccid.ToString(), TestContext.Current.CancellationToken))!.Eid);
            var loser = sessions.Single(session => session.Euicc != winner).Euicc;
            Assert.Equal("8.1.1/3.8", await FailureOf(bench.AuthenticateAsync(loser, matchingId)));
            keys.ForEach(used => used.Dispose());
        });
    }

    [Fact]
    public async Task A_restart_between_any_two_messages_does_not_disturb_a_download()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var euicc = bench.NewEuicc();
        var (iccid, matchingId) = await bench.OrderAsync();
        using var key = OneTimeKey.Generate(EcCurve.P256);

        var server = await bench.Device.InitiateAsync(euicc.Initiate(bench.Host.Address));
        await bench.RestartAsync();
        var response = euicc.AuthenticateServer(server, matchingId);
        var client = await bench.Device.AuthenticateAsync(new AuthenticateClientRequest(server.TransactionId, SmdpBench.Encode(response)));
        await bench.RestartAsync();
        var delivered = await bench.GetPackageAsync(new OpenSession(euicc, response, client), key);
        await bench.RestartAsync();
        await bench.Device.NotifyAsync(euicc.Result(delivered.TransactionId, iccid));

        Assert.Equal(StockState.Installed, await bench.StateOfAsync(iccid));
    }

    [Fact]
    public async Task Without_a_matching_id_an_eUICC_finds_its_profile_by_its_EID()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var euicc = bench.NewEuicc();
        var iccid = await bench.DownloadOrderAsync(new(bench.Header(), euicc.Eid, null, SmdpBench.ProfileType));
        await bench.ConfirmOrderAsync(new(bench.Header(), iccid, true, euicc.Eid, ""));

        var session = await bench.AuthenticateAsync(euicc, null);

        Assert.Equal(iccid, session.Client.ReadProfileMetadata().Iccid);
        Assert.Equal("8.2.6/3.8", await FailureOf(bench.AuthenticateAsync(bench.NewEuicc(2), null)));
    }

    [Fact]
    public async Task Neither_the_database_nor_its_log_shows_a_subscribers_keys_or_a_package()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var iccid = (await bench.Host.Profiles.ListAsync(ct: TestContext.Current.CancellationToken))[0].Iccid;
        var exported = await bench.Host.Profiles.ExportAsync([iccid], TestContext.Current.CancellationToken);
        using var subscriber = exported[0];
        await bench.OrderAsync(confirmationCode: "4711");

        Assert.True(await bench.Data.HoldsAsync(Encoding.ASCII.GetBytes(iccid)));
        foreach (var secret in new[]
        {
            subscriber.Key.ToArray(), subscriber.Opc.ToArray(), subscriber.Imsi.ToBytes(), subscriber.Iccid.ToBytes(), ConfirmationCodeHash.OfCode("4711"),
            Convert.FromHexString("A0000000871002FFFFFFFF8907090000"), // the AID of the USIM, which stands in every package
        })
        {
            Assert.False(await bench.Data.HoldsAsync(secret));
        }
    }

    internal static async Task<string> FailureOf<T>(Task<T> call) => (await Assert.ThrowsAsync<Es9PlusFailure>(() => call)).Code;

    private static byte[] SegmentsOf(GetBoundProfilePackageOk delivered)
    {
        var bound = BerMessage.Decode<BoundProfilePackage>(delivered.BoundProfilePackage);
        return [.. bound.ConfigureIsdp.Concat(bound.StoreMetadata).Concat(bound.ProfileElements).SelectMany(segment => segment.ToArray())];
    }
}

public sealed class DownloadTestsOnSqlite() : DownloadTests(DbEngine.Sqlite);

public sealed class DownloadTestsOnPostgres() : DownloadTests(DbEngine.Postgres);
