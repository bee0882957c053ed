using System.Reflection;
using Microsoft.Data.Sqlite;
using OpenEim.Manager;
using OpenEim.Smdp;
using OpenEim.Storage;

namespace OpenEim.Tests.Storage;

/// <summary>On SQLite, tables whose key could be null were made anew: their rows are kept, and the key is never null again.</summary>
public sealed class NamesUpgradeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Secrets_are_kept_and_need_a_name() => await AssertKeptAsync(
        typeof(Eim).Assembly,
        "_names_of_secrets.sql",
        "INSERT INTO secret (name, value, created) VALUES ({0}, x'0102', 3)",
        "SELECT name || '|' || hex(value) || '|' || created FROM secret",
        "a|0102|3");

    [Fact]
    public async Task Profile_types_are_kept_and_need_a_name() => await AssertKeptAsync(
        typeof(SmdpHost).Assembly,
        "_names_of_profile_types.sql",
        """
        INSERT INTO profile_type (name, template, service_provider_name, profile_name, class, policy_rules, fallback_allowed, replace_session_keys,
                                  package_length, saip_major, iccid_prefix, imsi_prefix, next_number, created)
        VALUES ({0}, x'0102', 'p', 'n', 1, 2, 3, 4, 5, 6, '7', '8', 9, 10)
        """,
        """
        SELECT name || '|' || hex(template) || '|' || service_provider_name || '|' || profile_name || '|' || class || '|' || policy_rules || '|' || fallback_allowed
               || '|' || replace_session_keys || '|' || package_length || '|' || saip_major || '|' || iccid_prefix || '|' || imsi_prefix || '|' || next_number || '|' || created
        FROM profile_type
        """,
        "a|0102|p|n|1|2|3|4|5|6|7|8|9|10");

    private static async Task AssertKeptAsync(Assembly schema, string script, string insert, string select, string row)
    {
        await using var data = await TestDatabase.CreateAsync(DbEngine.Sqlite);
        await using var database = data.Open();
        database.Upgrade(new OlderSchema(schema, script));
        await InsertAsync("'a'");

        Assert.Equal(1, database.Upgrade(schema));

        Assert.Equal(row, await database.ReadAsync(session => session.ExecuteScalarAsync<string>(select), Ct));
        Assert.Contains("NOT NULL constraint failed", (await Assert.ThrowsAsync<SqliteException>(() => InsertAsync("NULL"))).Message, StringComparison.Ordinal);

        Task<int> InsertAsync(string name) =>
            database.WriteAsync(session => session.ExecuteAsync(insert.Replace("{0}", name, StringComparison.Ordinal)), Ct);
    }
}
