using System.Net;
using System.Text;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Smdp.Orders;
using OpenEim.Storage;

namespace OpenEim.Tests.Smdp;

/// <summary>Every failure of ES9+ with its status code, and that a failure changes nothing that it must not.</summary>
public abstract class FailureTests(DbEngine engine)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("address", "8.8.1/3.8", "InvalidDpAddress")]
    [InlineData("version", "8.8.3/3.1", "EuiccVersionNotSupportedByDp")]
    [InlineData("signing", "8.8.2/3.1", "CiPkNotSupported")]
    [InlineData("verification", "8.8.4/3.7", "CiPkNotSupported")]
    public async Task InitiateAuthentication_fails(string what, string json, string asn1)
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var ours = bench.Pki.Ci.Certificate.SubjectKeyIdentifier!.Value;
        ReadOnlyMemory<byte> foreign = new byte[20];
        var info = new EuiccInfo1(
            new VersionNumber(what == "version" ? (byte)1 : (byte)3, 0, 0),
            [what == "verification" ? foreign : ours],
            [what == "signing" ? foreign : ours]);
        var request = new InitiateAuthenticationRequest(new byte[16], what == "address" ? "other.example.com" : "SMDP.example.com:443", SmdpBench.Encode(info));

        Assert.Equal(json, await DownloadTests.FailureOf(bench.Device.InitiateAsync(request)));
        Assert.Equal(asn1, await DownloadTests.FailureOf(bench.Asn1Device.InitiateAsync(request)));
    }

    [Theory]
    [InlineData("transaction", "8.10.1/3.9", "InvalidTransactionId")]
    [InlineData("session expired", "8.10.1/3.9", "InvalidTransactionId")]
    [InlineData("signed transaction", "8.10.1/3.9", "InvalidTransactionId")]
    [InlineData("signature", "8.1/6.1", "EuiccSignatureInvalid")]
    [InlineData("challenge", "8.1/6.1", "EuiccSignatureInvalid")]
    [InlineData("server address", "8.1/6.1", "EuiccSignatureInvalid")]
    [InlineData("refusal", "8.1/6.1", "EuiccSignatureInvalid")]
    [InlineData("foreign CI", "8.11.1/3.9", "CiPkUnknown")]
    [InlineData("EUM role", "8.1.2/6.1", "EumCertificateInvalid")]
    [InlineData("EUM expired", "8.1.2/6.3", "EumCertificateExpired")]
    [InlineData("eUICC of another EUM", "8.1.3/6.1", "EuiccCertificateInvalid")]
    [InlineData("eUICC expired", "8.1.3/6.3", "EuiccCertificateExpired")]
    [InlineData("matching id", "8.2.6/3.8", "MatchingIdRefused")]
    [InlineData("other EID", "8.1.1/3.8", "EidMismatch")]
    [InlineData("package version", "8.2.5/4.3", "NoEligibleProfile")]
    [InlineData("memory", "8.1/4.8", "InsufficientMemory")]
    [InlineData("not released", "8.2/1.2", "UndefinedError")]
    [InlineData("order expired", "8.8.5/4.10", "UndefinedError")]
    public async Task AuthenticateClient_fails(string what, string json, string asn1)
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        Assert.Equal(json, await DownloadTests.FailureOf(AuthenticateBadlyAsync(bench, bench.Device, what, 1)));
        if (!what.EndsWith("expired", StringComparison.Ordinal))
        {
            Assert.Equal(asn1, await DownloadTests.FailureOf(AuthenticateBadlyAsync(bench, bench.Asn1Device, what, 2)));
        }
    }

    [Theory]
    [InlineData("transaction", "8.10.1/3.9", "InvalidTransactionId")]
    [InlineData("signature", "8.1/6.1", "EuiccSignatureInvalid")]
    [InlineData("refusal", "8.1/6.1", "EuiccSignatureInvalid")]
    [InlineData("code missing", "8.2.7/2.2", "ConfirmationCodeMissing")]
    [InlineData("code wrong", "8.2.7/3.8", "ConfirmationCodeRefused")]
    [InlineData("order cancelled", "8.10.1/3.9", "InvalidTransactionId")]
    public async Task GetBoundProfilePackage_fails(string what, string json, string asn1)
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        Assert.Equal(json, await DownloadTests.FailureOf(GetBadlyAsync(bench, bench.Device, what, 1)));
        Assert.Equal(asn1, await DownloadTests.FailureOf(GetBadlyAsync(bench, bench.Asn1Device, what, 2)));
    }

    [Theory]
    [InlineData("transaction", "8.10.1/3.9")]
    [InlineData("signed transaction", "8.10.1/3.9")]
    [InlineData("signature", "8.1/6.1")]
    [InlineData("refusal", "8.1/6.1")]
    [InlineData("OID", "8.8/3.10")]
    public async Task CancelSession_fails_and_the_order_stays(string what, string code)
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var euicc = bench.NewEuicc();
        var stranger = bench.NewEuicc(2);
        var (iccid, matchingId) = await bench.OrderAsync();
        var session = await bench.AuthenticateAsync(euicc, matchingId);
        var id = session.Client.TransactionId;
        var response = what switch
        {
            "signed transaction" => euicc.Cancel(TransactionId.Random(), CancelSessionReason.EndUserRejection),
            "signature" => euicc.Cancel(id, CancelSessionReason.EndUserRejection, signer: stranger.Identity),
            "refusal" => new CancelSessionResponse(null, CancelSessionResponseError.InvalidTransactionId),
            "OID" => euicc.Cancel(id, CancelSessionReason.EndUserRejection, [0x88, 0x37, 0x0B]),
            _ => euicc.Cancel(id, CancelSessionReason.EndUserRejection),
        };

        var failure = await Assert.ThrowsAsync<Es9PlusFailure>(
            () => bench.Device.CancelAsync(new CancelSessionRequestEs9(what == "transaction" ? TransactionId.Random() : id, response)));

        Assert.Equal(code, failure.Code);
        Assert.Equal(StockState.Released, await bench.StateOfAsync(iccid));
    }

    [Theory]
    [InlineData(CancelSessionReason.Postponed, StockState.Released)]
    [InlineData(CancelSessionReason.Timeout, StockState.Released)]
    [InlineData(CancelSessionReason.EndUserRejection, StockState.Error)]
    [InlineData(CancelSessionReason.PprNotAllowed, StockState.Error)]
    [InlineData(CancelSessionReason.MetadataMismatch, StockState.Error)]
    [InlineData(CancelSessionReason.LoadBppExecutionError, StockState.Error)]
    [InlineData(CancelSessionReason.UndefinedReason, StockState.Error)]
    public async Task A_cancelled_session_is_over_and_the_reason_decides_about_the_order(CancelSessionReason reason, StockState state)
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var euicc = bench.NewEuicc();
        var (iccid, matchingId) = await bench.OrderAsync();
        var session = await bench.AuthenticateAsync(euicc, matchingId);
        var cancel = new CancelSessionRequestEs9(session.Client.TransactionId, euicc.Cancel(session.Client.TransactionId, reason));
        using var key = OneTimeKey.Generate(EcCurve.P256);

        await bench.Device.CancelAsync(cancel);
        await bench.Asn1Device.CancelAsync(cancel);

        Assert.Equal(state, await bench.StateOfAsync(iccid));
        Assert.Equal("8.10.1/3.9", await DownloadTests.FailureOf(bench.GetPackageAsync(session, key)));
        var again = new AuthenticateClientRequest(session.Client.TransactionId, SmdpBench.Encode(session.Response));
        Assert.Equal("8.10.1/3.9", await DownloadTests.FailureOf(bench.Device.AuthenticateAsync(again)));
    }

    [Fact]
    public async Task The_right_confirmation_code_opens_and_the_third_wrong_one_ends_the_order()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var euicc = bench.NewEuicc();
        using var key = OneTimeKey.Generate(EcCurve.P256);
        var (opened, openedId) = await bench.OrderAsync(confirmationCode: "4711");
        var session = await bench.AuthenticateAsync(euicc, openedId);
        Assert.True(Protocol.Ber.BerMessage.Decode<SmdpSigned2>(session.Client.SmdpSigned2).ConfirmationCodeRequired);
        await bench.GetPackageAsync(session, key, "4711");
        Assert.Equal(StockState.Downloaded, await bench.StateOfAsync(opened));

        var (ended, endedId) = await bench.OrderAsync(confirmationCode: "4711");
        var other = await bench.AuthenticateAsync(euicc, endedId);
        Assert.Equal("8.2.7/3.8", await DownloadTests.FailureOf(bench.GetPackageAsync(other, key, "0001")));
        Assert.Equal("8.2.7/3.8", await DownloadTests.FailureOf(bench.GetPackageAsync(other, key, "0002")));
        Assert.Equal(StockState.Released, await bench.StateOfAsync(ended));
        Assert.Equal("8.2.7/6.4", await DownloadTests.FailureOf(bench.GetPackageAsync(other, key, "0003")));
        Assert.Equal(StockState.Error, await bench.StateOfAsync(ended));
        Assert.Equal("8.2/3.7", await DownloadTests.FailureOf(bench.GetPackageAsync(other, key, "4711")));
        Assert.Equal("8.2.6/3.8", await DownloadTests.FailureOf(bench.AuthenticateAsync(euicc, endedId)));
    }

    [Fact]
    public async Task After_too_many_deliveries_without_a_result_the_order_ends()
    {
        await using var bench = await SmdpBench.StartAsync(engine, options => options with { MaxDownloads = 2 });
        var euicc = bench.NewEuicc();
        var (iccid, matchingId) = await bench.OrderAsync();
        GetBoundProfilePackageOk last = null!;
        for (var i = 0; i < 2; i++)
        {
            using var key = OneTimeKey.Generate(EcCurve.P256);
            last = await bench.GetPackageAsync(await bench.AuthenticateAsync(euicc, matchingId), key);
        }

        Assert.Equal("8.8.5/6.4", await DownloadTests.FailureOf(bench.AuthenticateAsync(euicc, matchingId)));
        Assert.Equal(StockState.Error, await bench.StateOfAsync(iccid));
        await bench.Device.NotifyAsync(euicc.Result(last.TransactionId, iccid));
        Assert.Equal(StockState.Installed, await bench.StateOfAsync(iccid));
    }

    [Fact]
    public async Task A_session_ends_with_its_time()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var euicc = bench.NewEuicc();
        var (_, matchingId) = await bench.OrderAsync();
        using var key = OneTimeKey.Generate(EcCurve.P256);
        var session = await bench.AuthenticateAsync(euicc, matchingId);

        bench.Clock.Advance(TimeSpan.FromMinutes(59));
        await bench.GetPackageAsync(session, key);
        bench.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal("8.10.1/3.9", await DownloadTests.FailureOf(bench.GetPackageAsync(session, key)));
    }

    [Fact]
    public async Task What_is_not_a_request_is_refused_by_HTTP()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var json = "application/json";
        var asn1 = "application/x-gsma-rsp-asn1";
        (string Path, string Type, byte[] Body, string Protocol, HttpStatusCode Status)[] requests =
        [
            ("/gsma/rsp2/es9plus/nothing", json, "{}"u8.ToArray(), "gsma/rsp/v2.5.0", HttpStatusCode.NotFound),
            (Es9PlusPaths.AuthenticateClient, asn1, "{}"u8.ToArray(), "gsma/rsp/v2.5.0", HttpStatusCode.UnsupportedMediaType),
            (Es9PlusPaths.Asn1, json, "{}"u8.ToArray(), "gsma/rsp/v2.5.0", HttpStatusCode.UnsupportedMediaType),
            (Es9PlusPaths.AuthenticateClient, json, "{}"u8.ToArray(), "gsma/rsp/two", HttpStatusCode.BadRequest),
            (Es9PlusPaths.AuthenticateClient, json, new byte[65 * 1024], "gsma/rsp/v2.5.0", HttpStatusCode.RequestEntityTooLarge),
        ];
        foreach (var request in requests)
        {
            using var response = await bench.Device.PostAsync(request.Path, request.Type, request.Body, request.Protocol);
            Assert.Equal(request.Status, response.StatusCode);
        }

        using var get = await bench.Http.GetAsync(new Uri(bench.Host.Es9PlusUrl, Es9PlusPaths.Asn1), Ct);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"transactionId\":\"zz\"}")]
    [InlineData("{\"transactionId\":\"00\",\"authenticateServerResponse\":\"*\",\"prepareDownloadResponse\":\"*\",\"cancelSessionResponse\":\"*\"}")]
    [InlineData("{\"transactionId\":\"00\",\"authenticateServerResponse\":\"vzgA\",\"prepareDownloadResponse\":\"vyEA\",\"cancelSessionResponse\":\"v0EA\",\"pendingNotification\":\"vzcA\",\"euiccChallenge\":\"AA==\"}")]
    [InlineData("{\"transactionId\":{\"a\":[[[[[[[[[[1]]]]]]]]]]}}")]
    public async Task Malformed_bodies_are_400_at_every_function(string body)
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        string[] paths =
        [
            Es9PlusPaths.InitiateAuthentication, Es9PlusPaths.HandleNotification, Es9PlusPaths.CancelSession,
        ];
        foreach (var path in paths)
        {
            using var response = await bench.Device.PostAsync(path, "application/json", Encoding.UTF8.GetBytes(body));
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }

        foreach (var path in new[] { Es9PlusPaths.AuthenticateClient, Es9PlusPaths.GetBoundProfilePackage })
        {
            using var response = await bench.Device.PostAsync(path, "application/json", Encoding.UTF8.GetBytes(body));
            Assert.True(response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.OK);
        }

        using var asn1 = await bench.Asn1Device.PostAsync(Es9PlusPaths.Asn1, "application/x-gsma-rsp-asn1", Encoding.UTF8.GetBytes(body));
        Assert.Equal(HttpStatusCode.BadRequest, asn1.StatusCode);
    }

    [Fact]
    public async Task No_cut_and_no_flipped_byte_of_a_request_is_a_server_error_or_changes_the_order()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var euicc = bench.NewEuicc();
        var (iccid, matchingId) = await bench.OrderAsync();
        var server = await bench.Asn1Device.InitiateAsync(euicc.Initiate(bench.Host.Address));
        var response = SmdpBench.Encode(euicc.AuthenticateServer(server, matchingId));
        var good = SmdpBench.Encode(new RemoteProfileProvisioningRequest(new AuthenticateClientRequest(server.TransactionId, response)));
        for (var i = 0; i < good.Length; i += 7)
        {
            byte[] flipped = [.. good];
            flipped[i] ^= 0x55;
            foreach (var bad in new[] { flipped, good[..i] })
            {
                using var answer = await bench.Asn1Device.PostAsync(Es9PlusPaths.Asn1, "application/x-gsma-rsp-asn1", bad);
                Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest, $"byte {i}: {answer.StatusCode}");
            }
        }

        Assert.Equal(StockState.Released, await bench.StateOfAsync(iccid));
    }

    private static async Task<AuthenticateClientOk> AuthenticateBadlyAsync(SmdpBench bench, Es9PlusClient device, string what, int number)
    {
        var (iccid, matchingId) = await bench.OrderAsync(
            what == "other EID" ? Eid.Parse(TestPki.EidPrefix + new string('9', 24)) : null, release: what != "not released");
        using var foreignCi = bench.Pki.IssueCi();
        using var foreignEum = bench.Pki.IssueEum(issuer: foreignCi);
        using var otherEum = bench.Pki.IssueEum();
        using var wrongEum = bench.Pki.IssueEum(template => template with { Policies = ["2.23.146.1.2.1.4"] });
        using var expiredEum = bench.Pki.IssueEum(template => template with { NotAfter = bench.Clock.GetUtcNow().AddHours(-1) });
        var plain = bench.NewEuicc(number);
        using var foreign = new TestEuicc(bench.Pki, bench.Pki.IssueEuicc(plain.Eid, issuer: foreignEum), plain.Eid);
        using var ofExpired = new TestEuicc(bench.Pki, bench.Pki.IssueEuicc(plain.Eid, issuer: expiredEum), plain.Eid);
        using var expired = new TestEuicc(
            bench.Pki, bench.Pki.IssueEuicc(plain.Eid, template => template with { NotAfter = bench.Clock.GetUtcNow().AddHours(-1) }), plain.Eid);
        using var old = new TestEuicc(bench.Pki, bench.Pki.IssueEuicc(plain.Eid), plain.Eid) { ProfileVersion = new VersionNumber(1, 0, 0) };
        using var full = new TestEuicc(bench.Pki, bench.Pki.IssueEuicc(plain.Eid), plain.Eid) { FreeMemory = 100 };
        var (euicc, eum) = what switch
        {
            "foreign CI" => (foreign, foreignEum.Certificate),
            "EUM role" => (plain, wrongEum.Certificate),
            "EUM expired" => (ofExpired, expiredEum.Certificate),
            "eUICC of another EUM" => (plain, otherEum.Certificate),
            "eUICC expired" => (expired, null),
            "package version" => (old, null),
            "memory" => (full, null),
            _ => (plain, (RspCertificate?)null),
        };

        var server = await device.InitiateAsync(euicc.Initiate(bench.Host.Address));
        var response = euicc.AuthenticateServer(server, what == "matching id" ? "UNKNOWN" : matchingId, Change(what), eum);
        if (what == "signature")
        {
            using var stranger = new TestEuicc(bench.Pki, bench.Pki.IssueEuicc(plain.Eid), plain.Eid);
            response = response with { Ok = response.Ok! with { EuiccCertificate = stranger.Identity.Certificate.Encoded } };
        }
        else if (what == "refusal")
        {
            response = new AuthenticateServerResponse(null, new AuthenticateResponseError(server.TransactionId, AuthenticateErrorCode.CiPkUnknown));
        }

        bench.Clock.Advance(what switch
        {
            "session expired" => TimeSpan.FromHours(1),
            "order expired" => TimeSpan.FromDays(90),
            _ => TimeSpan.Zero,
        });
        if (what == "order expired")
        {
            server = await device.InitiateAsync(euicc.Initiate(bench.Host.Address));
            response = euicc.AuthenticateServer(server, matchingId);
        }

        Assert.NotEqual(default, iccid);
        var id = what == "transaction" ? TransactionId.Random() : server.TransactionId;
        return await device.AuthenticateAsync(new AuthenticateClientRequest(id, SmdpBench.Encode(response)));
    }

    private static Func<EuiccSigned1, EuiccSigned1>? Change(string what) => what switch
    {
        "signed transaction" => signed => signed with { TransactionId = TransactionId.Random() },
        "challenge" => signed => signed with { ServerChallenge = new byte[16] },
        "server address" => signed => signed with { ServerAddress = "other.example.com" },
        _ => null,
    };

    private static async Task<GetBoundProfilePackageOk> GetBadlyAsync(SmdpBench bench, Es9PlusClient device, string what, int number)
    {
        var (iccid, matchingId) = await bench.OrderAsync(confirmationCode: what.StartsWith("code", StringComparison.Ordinal) ? "4711" : null);
        var euicc = bench.NewEuicc(number);
        using var key = OneTimeKey.Generate(EcCurve.P256);
        var session = await bench.AuthenticateAsync(euicc, matchingId, device);
        var prepared = euicc.PrepareDownload(session.Client, session.Response, key, what == "code wrong" ? "4712" : null);
        switch (what)
        {
            case "signature":
                prepared = prepared with { Ok = prepared.Ok! with { Signature = session.Response.Ok!.Signature } };
                break;
            case "refusal":
                prepared = new PrepareDownloadResponse(null, new PrepareDownloadResponseError(session.Client.TransactionId, DownloadErrorCode.InvalidSignature));
                break;
            case "order cancelled":
                await bench.CancelOrderAsync(new(bench.Header(), iccid, Protocol.Sgp22.Es2Plus.FinalProfileStatus.Available));
                break;
        }

        var id = what == "transaction" ? TransactionId.Random() : session.Client.TransactionId;
        return await device.GetPackageAsync(new GetBoundProfilePackageRequest(id, SmdpBench.Encode(prepared)));
    }
}

public sealed class FailureTestsOnSqlite() : FailureTests(DbEngine.Sqlite);

public sealed class FailureTestsOnPostgres() : FailureTests(DbEngine.Postgres);
