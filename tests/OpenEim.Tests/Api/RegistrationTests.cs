using System.Net;
using System.Text.Json.Nodes;
using OpenEim.Hosting.Keys;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Server;
using OpenEim.Storage;
using OpenEim.Tests.EndToEnd;

namespace OpenEim.Tests.Api;

/// <summary>Registering eUICCs, with certificates; changing and removing them.</summary>
public abstract class RegistrationTests(DbEngine engine) : IAsyncLifetime
{
    private static readonly Eid Eid = ApiHost.EidOf(5);

    private ApiHost _api = null!;
    private PkiDirectory _pki = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _api = await ApiHost.StartAsync(engine);
        _pki = PkiFolder.Open(
            Path.Combine(_api.Eim.Options.Data, "pki"), null, new PkiOptions { Parts = PkiParts.Ci | PkiParts.Eum, Now = _api.Clock.GetUtcNow() });
    }

    public async ValueTask DisposeAsync()
    {
        _pki.Dispose();
        await _api.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Certificates_that_lead_to_a_trusted_CI_are_kept_and_the_eUICC_need_not_be_asked(bool isPem)
    {
        using var card = _pki.IssueEuicc(Eid, _api.Clock.GetUtcNow());
        var body = Registration(Eid, Text(card.Certificate, isPem), Text(_pki.Eum!.Certificate, isPem));
        body["association_token"] = 7;

        var answer = await _api.PostAsync("/api/v1/euicc", body.ToJsonString());
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        var row = await _api.Eim.Database.ReadAsync(
            session => session.QueryFirstOrDefaultAsync<(byte[] Key, long Tasks, byte[] Euicc, byte[] Eum)>(
                "SELECT e.public_key, e.tasks, d.euicc_certificate, d.eum_certificate FROM euicc e JOIN euicc_data d ON d.eid = e.eid"),
            Ct);
        Assert.Equal(card.Certificate.SubjectPublicKeyInfo.ToArray(), row.Key);
        Assert.Equal(2, row.Tasks);
        Assert.Equal(card.Certificate.Encoded.ToArray(), row.Euicc);
        Assert.Equal(_pki.Eum.Certificate.Encoded.ToArray(), row.Eum);
    }

    [Fact]
    public async Task Bad_certificates_are_refused_whole_with_index_and_field()
    {
        using var card = _pki.IssueEuicc(Eid, _api.Clock.GetUtcNow());
        using var foreign = new TestPki(EcCurve.P256, _api.Clock.GetUtcNow().AddDays(-1), _api.Clock.GetUtcNow().AddDays(30));
        using var foreignCard = foreign.IssueEuicc(Eid);
        var good = Text(card.Certificate, true);
        var eum = Text(_pki.Eum!.Certificate, true);

        await RefusedAsync("[0].eum_certificate is required", 1402, Registration(Eid, good, null));
        await RefusedAsync("[0].euicc_certificate is required", 1402, Registration(Eid, null, eum));
        await RefusedAsync("[0].euicc_certificate is not a certificate", 1403, Registration(Eid, "nonsense!", eum));
        await RefusedAsync("[0].euicc_certificate is not a certificate", 1403, Registration(Eid, "AAAA", eum));
        await RefusedAsync("[0].eum_certificate is not a certificate", 1403, Registration(Eid, good, "-----BEGIN CERTIFICATE-----\nAAAA"));
        await RefusedAsync("[0].eum_certificate is not a certificate", 1403, Registration(Eid, good, eum + eum));
        await RefusedAsync("[0].eum_certificate is not trusted", 1401, Registration(Eid, Text(foreignCard.Certificate, false), Text(foreign.Eum.Certificate, false)));
        await RefusedAsync("[0].euicc_certificate is not trusted", 1401, Registration(Eid, Text(foreignCard.Certificate, true), eum));
        await RefusedAsync($"not for {ApiHost.EidOf(6)}", 1401, Registration(ApiHost.EidOf(6), good, eum));
        await RefusedAsync("[1].euicc_certificate", 1401, Registration(Eid, good, eum), Registration(ApiHost.EidOf(6), good, eum));
        Assert.Equal("[]", (await _api.GetAsync("/api/v1/euicc")).Body);
    }

    [Fact]
    public async Task Device_registered_with_its_certificates_runs_its_operations()
    {
        await using var eim = await Installation.StartAsync();
        var device = eim.Fleet.Devices[0];
        using var pki = PkiFolder.Open(
            Path.Combine(eim.Host.Options.Data, "pki"), null, new PkiOptions { Parts = PkiParts.Ci | PkiParts.Eum, Now = eim.Clock.GetUtcNow() });
        var certificates = await eim.Host.Database.ReadAsync(
            session => session.QueryFirstOrDefaultAsync<(byte[] Euicc, byte[] Eum)>("SELECT euicc_certificate, eum_certificate FROM euicc_data"), Ct);
        using var removed = await eim.Client.DeleteAsync(new Uri(eim.Host.ApiUrl, "/api/v1/euicc/1"), Ct);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);

        var created = await eim.PostAsync(
            "/api/v1/euicc", Registration(device.Eid, Convert.ToBase64String(certificates.Euicc), Convert.ToBase64String(certificates.Eum)));
        var path = $"/api/v1/euicc/{created["id"]}/operation";
        await eim.PostAsync(path, JsonNode.Parse($$"""[{"action":{"id":3},"iccid_with_luhn":"{{Installation.Iccid(2)}}"}]""")!);
        for (var i = 0; i < 4; i++)
        {
            await device.PollOnceAsync(Ct);
        }

        Assert.Equal(2, (await eim.GetAsync(path))[0]!["status"]!["id"]!.GetValue<int>());
    }

    [Fact]
    public async Task Customer_and_name_are_kept_changed_and_removed()
    {
        var created = await _api.PostAsync("/api/v1/euicc", $$$"""{"eid":"{{{Eid}}}","name":"Pump 7","customer_org":{"id":12,"name":"Waterworks"}}""");
        Assert.Equal("""{"id":12,"name":"Waterworks"}""", created.Json["customer_org"]!.ToJsonString());
        Assert.Equal("Pump 7", created.Json["name"]!.GetValue<string>());
        Assert.Equal(created.Body, (await _api.GetAsync("/api/v1/euicc/1")).Body);

        await PatchedAsync("""{"customer_org":{"name":"Gasworks"}}""");
        var read = (await _api.GetAsync("/api/v1/euicc/1")).Json;
        Assert.Equal("""{"id":null,"name":"Gasworks"}""", read["customer_org"]!.ToJsonString());
        Assert.Equal("Pump 7", read["name"]!.GetValue<string>());

        await PatchedAsync("""{"customer_org":null,"name":null}""");
        read = (await _api.GetAsync("/api/v1/euicc/1")).Json;
        Assert.False(read.AsObject().ContainsKey("customer_org"));
        Assert.False(read.AsObject().ContainsKey("name"));
        Assert.False(read.AsObject().ContainsKey("issuer_org"));
    }

    [Theory]
    [InlineData("""{"customer_org":5}""", 1403, "customer_org must be an object")]
    [InlineData("""{"customer_org":{"id":5}}""", 1402, "customer_org.name")]
    [InlineData("""{"customer_org":{"name":5}}""", 1403, "customer_org.name")]
    [InlineData("""{"customer_org":{"id":"x","name":"y"}}""", 1403, "customer_org.id")]
    [InlineData("""{"name":5}""", 1403, "name")]
    [InlineData("""{"name":"a\u0000b"}""", 1403, "name")]
    [InlineData("""{"association_token":"1"}""", 1403, "association_token")]
    [InlineData("""{"association_token":-1}""", 1403, "association_token")]
    [InlineData("""{"supported_profile_type":{"id":2}}""", 1401, "supported_profile_type")]
    [InlineData("""{"eid":"89049032000000000000000000000009"}""", 1406, "eid")]
    public async Task Bad_changes_are_refused(string body, int inner, string where)
    {
        await _api.RegisterAsync(1);
        var before = (await _api.GetAsync("/api/v1/euicc/1")).Body;

        var answer = await _api.SendAsync("PATCH", "/api/v1/euicc/1", body);
        answer.AssertError(400, 1400, where);
        Assert.Equal(inner, answer.Json["errors"]![0]!["error_code"]!.GetValue<int>());
        Assert.Equal(before, (await _api.GetAsync("/api/v1/euicc/1")).Body);
    }

    [Fact]
    public async Task Kind_changes_only_while_nothing_is_scheduled_and_decides_on_operations()
    {
        await _api.RegisterAsync(1);
        var operation = (await _api.PostAsync("/api/v1/euicc/1/operation", """[{"action":{"id":1}}]""")).Json[0]!["id"];
        (await _api.SendAsync("PATCH", "/api/v1/euicc/1", """{"supported_profile_type":{"id":1}}""")).AssertError(409, 1405);

        await _api.SendAsync("DELETE", $"/api/v1/euicc/1/operation/{operation}");
        await PatchedAsync("""{"supported_profile_type":{"id":1}}""");
        (await _api.PostAsync("/api/v1/euicc/1/operation", """[{"action":{"id":1}}]""")).AssertError(404, 1201);
        Assert.Equal(0, await PendingAsync());

        await PatchedAsync("""{"supported_profile_type":{"id":5}}""");
        Assert.Equal(1, await PendingAsync());
        Assert.Equal(HttpStatusCode.Created, (await _api.PostAsync("/api/v1/euicc/1/operation", """[{"action":{"id":1}}]""")).Status);
    }

    [Fact]
    public async Task Association_token_is_changed_kept_and_removed()
    {
        await _api.RegisterAsync(1);
        foreach (var (body, token, given) in new (string, long?, long)[]
        {
            ("""{"association_token":7}""", 7, 1), ("""{"name":"Pump 7"}""", 7, 1), ("""{"association_token":null}""", null, 0),
        })
        {
            await PatchedAsync(body);
            Assert.Equal(token, await ColumnAsync("association_token"));
            Assert.Equal(given, await ColumnAsync("token_given"));
        }
    }

    [Fact]
    public async Task Removal_waits_for_operations_and_leaves_nothing_behind()
    {
        await using var eim = await Installation.StartAsync(devices: 2);
        var operation = await eim.ScheduleAsync(1);
        using (var refused = await eim.Client.DeleteAsync(new Uri(eim.Host.ApiUrl, "/api/v1/euicc/1"), Ct))
        {
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
            Assert.Contains("cancel", await refused.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }

        await eim.Fleet.Devices[0].PollOnceAsync(Ct);
        Assert.Equal("Succeeded", await eim.StatusAsync(operation));
        var eid = eim.Fleet.Devices[0].Eid.ToBytes();
        Assert.True(await CountAsync(eim.Host, "operation", eid) > 0 && await CountAsync(eim.Host, "exchange", eid) > 0);

        using var removed = await eim.Client.DeleteAsync(new Uri(eim.Host.ApiUrl, "/api/v1/euicc/1"), Ct);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var again = await eim.Client.DeleteAsync(new Uri(eim.Host.ApiUrl, "/api/v1/euicc/1"), Ct);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        foreach (var table in await TablesWithEidAsync(eim.Host))
        {
            // The counter of its packages must go on where the eUICC is registered again: a card takes no lower one.
            Assert.True(await CountAsync(eim.Host, table, eid) == (table == "euicc_past" ? 1 : 0), table);
        }

        using var list = await eim.Client.GetAsync(new Uri(eim.Host.ApiUrl, "/api/v1/euicc"), Ct);
        Assert.Equal("1", list.Headers.GetValues("X-Total-Count").Single());
        Assert.Equal("[2]", new JsonArray([.. JsonNode.Parse(await list.Content.ReadAsStringAsync(Ct))!.AsArray().Select(euicc => euicc!["id"]!.DeepClone())]).ToJsonString());
        var back = await eim.PostAsync("/api/v1/euicc", new JsonObject { ["eid"] = eim.Fleet.Devices[0].Eid.ToString() });
        Assert.Equal(3, back["id"]!.GetValue<int>());
    }

    [Fact]
    public async Task Unlinked_validation_names_those_that_have_profiles()
    {
        await using var eim = await Installation.StartAsync();
        var linked = eim.Fleet.Devices[0].Eid;
        var target = new JsonObject
        {
            ["target"] = new JsonArray(
                new JsonObject { ["eid"] = ApiHost.EidOf(99).ToString() },
                new JsonObject { ["eid"] = linked.ToString() },
                new JsonObject { ["eid"] = linked.ToString() }),
        };

        Assert.Equal($$"""[{"eid":"{{linked}}"}]""", (await eim.PostAsync("/api/v1/euicc/unlinked_validation", target)).ToJsonString());
        (await _api.PostAsync("/api/v1/euicc/unlinked_validation", "{}")).AssertError(400, 1400, "target");
        (await _api.PostAsync("/api/v1/euicc/unlinked_validation", """{"target":[{"eid":"1"}]}""")).AssertError(400, 1400, "[0].eid");
        Assert.Equal("[]", (await _api.PostAsync("/api/v1/euicc/unlinked_validation", target.ToJsonString())).Body);
    }

    private static string Text(RspCertificate certificate, bool isPem) =>
        isPem ? certificate.ToPem() : Convert.ToBase64String(certificate.Encoded.Span);

    private static JsonObject Registration(Eid eid, string? euicc, string? eum)
    {
        var body = new JsonObject { ["eid"] = eid.ToString() };
        if (euicc is not null)
        {
            body["euicc_certificate"] = euicc;
        }

        if (eum is not null)
        {
            body["eum_certificate"] = eum;
        }

        return body;
    }

    private static async Task<IEnumerable<string>> TablesWithEidAsync(EimHost host)
    {
        var tables = await host.Database.ReadAsync(
            session => session.QueryAsync<string>(
                "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'eid'"),
            Ct);
        Assert.True(tables.Count >= 7);
        return tables;
    }

    private static async Task<long> CountAsync(EimHost host, string table, byte[] eid) => await host.Database.ReadAsync(
        session => session.ExecuteScalarAsync<long>($"SELECT count(*) FROM {table} WHERE eid = @eid", new { eid }), Ct);

    private async Task RefusedAsync(string where, int inner, params JsonObject[] registrations)
    {
        var answer = await _api.PostAsync("/api/v1/euicc", new JsonArray([.. registrations]).ToJsonString());
        answer.AssertError(400, 1400, where);
        Assert.Equal(inner, answer.Json["errors"]![0]!["error_code"]!.GetValue<int>());
    }

    private async Task PatchedAsync(string body)
    {
        var answer = await _api.SendAsync("PATCH", "/api/v1/euicc/1", body);
        Assert.Equal((HttpStatusCode.NoContent, ""), (answer.Status, answer.Body));
    }

    private async Task<long> PendingAsync() => await _api.Eim.Database.ReadAsync(
        session => session.ExecuteScalarAsync<long>("SELECT pending_count FROM euicc WHERE id = 1"), Ct);

    private async Task<long?> ColumnAsync(string column) => await _api.Eim.Database.ReadAsync(
        session => session.ExecuteScalarAsync<long?>($"SELECT {column} FROM euicc WHERE id = 1"), Ct);
}

public sealed class RegistrationTestsOnSqlite() : RegistrationTests(DbEngine.Sqlite);

public sealed class RegistrationTestsOnPostgres() : RegistrationTests(DbEngine.Postgres);
