using Microsoft.Extensions.Time.Testing;
using OpenEim.Hosting.Keys;
using OpenEim.Manager.Organisations;
using OpenEim.Storage;
using OpenEim.Storage.Secrets;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Organisations;

/// <summary>A real database of either engine with the manager's schema, its secrets and tokens, on a clock that the test turns.</summary>
internal sealed class TestInstallation : IAsyncDisposable
{
    private readonly TestDatabase _data;
    private readonly MasterKey _masterKey;

    private TestInstallation(TestDatabase data, TempFolder folder, FakeTimeProvider clock, Database database, MasterKey masterKey, ApplicationTokens tokens)
    {
        _data = data;
        _masterKey = masterKey;
        Folder = folder;
        Clock = clock;
        Database = database;
        Tokens = tokens;
        Store = new OrganisationStore(database, tokens, clock);
    }

    public TempFolder Folder { get; }

    public TestDatabase Data => _data;

    public FakeTimeProvider Clock { get; }

    public Database Database { get; }

    public ApplicationTokens Tokens { get; }

    public OrganisationStore Store { get; }

    public static async Task<TestInstallation> StartAsync(DbEngine engine)
    {
        var folder = new TempFolder();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var data = await TestDatabase.CreateAsync(engine, typeof(ApplicationTokens).Assembly);
        var database = data.Open();
        var masterKey = MasterKeyFile.LoadOrCreate(folder.File("master.key"));
        var tokens = await ApplicationTokens.OpenAsync(database, new SecretStore(database, masterKey, clock), clock);
        return new TestInstallation(data, folder, clock, database, masterKey, tokens);
    }

    public async Task<Member> NewMemberAsync(string organisation = "Acme", Role role = Role.Administrator)
    {
        var tenant = await Store.CreateAsync(organisation);
        return await Store.AddMemberAsync(tenant.Id, $"{role} of {organisation}", role);
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        _masterKey.Dispose();
        await _data.DisposeAsync();
        Folder.Dispose();
    }
}
