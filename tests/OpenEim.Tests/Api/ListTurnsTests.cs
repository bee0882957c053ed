using System.Net;
using OpenEim.Manager.Organisations;
using OpenEim.Manager.Queries;
using OpenEim.Storage;

namespace OpenEim.Tests.Api;

/// <summary>One caller's long lists do not take the place of anybody else's, nor of what is quick.</summary>
public abstract class ListTurnsTests(DbEngine engine)
{
    private const string Wild = "/api/v1/euicc?q=eid:*7*";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_that_reads_all_the_long_lists_that_it_may_is_told_to_wait_and_others_are_not()
    {
        await using var api = await ApiHost.StartAsync(engine, options => options with { ListsPerToken = 2, ListsPerOrganisation = 3 });
        await api.RegisterAsync(1);
        await api.PostAsync("/api/v1/euicc/1/operation", """[{"action":{"id":1}}]""");
        var colleague = await api.NewMemberAsync(1, Role.Observer);
        var other = await api.NewCallerAsync(Role.Observer);
        var turns = api.Eim.ListTurns;
        var running = new[] { await turns.EnterAsync(new ListCaller(1, 1), Ct), await turns.EnterAsync(new ListCaller(1, 1), Ct) };
        var waiting = Enumerable.Range(0, 4).Select(_ => turns.EnterAsync(new ListCaller(1, 1), Ct).AsTask()).ToList();

        foreach (var path in new[] { Wild, "/api/v1/euicc?per_page=1000", "/api/v1/euicc?sort=supported_profile_type,modified", "/api/v1/profile", "/api/v1/euicc/1/operation?per_page=101" })
        {
            var refused = await api.GetAsync(path);
            refused.AssertError(429, 1105);
            Assert.Equal("1", refused.Header("Retry-After"));
            Assert.Equal(HttpStatusCode.OK, (await api.GetAsync(path, colleague)).Status);
            var ofOther = (await api.GetAsync(path, other)).Status;
            Assert.Equal(path.Contains("/euicc/1/", StringComparison.Ordinal) ? HttpStatusCode.NotFound : HttpStatusCode.OK, ofOther);
        }

        foreach (var path in new[] { "/api/v1/euicc", "/api/v1/euicc/1", "/api/v1/euicc?q=id:1", $"/api/v1/euicc?q=eid:{ApiHost.EidOf(1)}", "/api/v1/euicc?sort=-modified",
            "/api/v1/euicc?q=status:active", "/api/v1/euicc/1/operation?q=status:scheduled&sort=-creation_date", "/health/ready" })
        {
            Assert.Equal(HttpStatusCode.OK, (await api.GetAsync(path)).Status);
        }

        Assert.DoesNotContain(waiting, turn => turn.IsCompleted);
        running[0].Dispose();
        running[1].Dispose();
        foreach (var turn in waiting)
        {
            (await turn).Dispose();
        }

        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync(Wild)).Status);
    }

    [Fact]
    public async Task An_organisation_has_a_bound_over_all_its_tokens_and_those_of_another_go_on()
    {
        var turns = new ListTurns(new ListLimits(2, 3));
        var first = await EnterAsync(turns, 1, 1, 2);
        var second = await EnterAsync(turns, 1, 2, 1);
        var waits = turns.EnterAsync(new ListCaller(1, 2), Ct).AsTask();
        await EnterAsync(turns, 2, 3, 2);
        Assert.False(waits.IsCompleted);

        first[0].Dispose();
        first[0].Dispose(); // ends once
        using var third = await waits;
        var behind = turns.EnterAsync(new ListCaller(1, 1), Ct).AsTask();
        Assert.False(behind.IsCompleted);
        second[0].Dispose();
        (await behind).Dispose();
    }

    [Fact]
    public async Task As_many_wait_as_twice_those_that_run_and_who_leaves_makes_room()
    {
        var turns = new ListTurns(new ListLimits(1, 2));
        var running = (await EnterAsync(turns, 1, 1, 1))[0];
        using var leaves = new CancellationTokenSource();
        var left = turns.EnterAsync(new ListCaller(1, 1), leaves.Token).AsTask();
        var waits = turns.EnterAsync(new ListCaller(1, 1), Ct).AsTask();
        await Assert.ThrowsAsync<ListsBusyException>(async () => await turns.EnterAsync(new ListCaller(1, 1), Ct));

        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        var last = turns.EnterAsync(new ListCaller(1, 1), Ct).AsTask();
        await Assert.ThrowsAsync<ListsBusyException>(async () => await turns.EnterAsync(new ListCaller(1, 1), Ct));

        running.Dispose();
        var next = await waits;
        Assert.False(last.IsCompleted);
        next.Dispose();
        (await last).Dispose();
        (await turns.EnterAsync(new ListCaller(1, 1), Ct)).Dispose();
    }

    private static async Task<List<IDisposable>> EnterAsync(ListTurns turns, long organisation, long token, int count)
    {
        var entered = new List<IDisposable>();
        for (var i = 0; i < count; i++)
        {
            entered.Add(await turns.EnterAsync(new ListCaller(organisation, token), Ct));
        }

        return entered;
    }
}

public sealed class ListTurnsTestsOnSqlite() : ListTurnsTests(DbEngine.Sqlite);

public sealed class ListTurnsTestsOnPostgres() : ListTurnsTests(DbEngine.Postgres);
