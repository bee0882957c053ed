using Microsoft.Extensions.Time.Testing;
using OpenEim.Manager.Organisations;
using OpenEim.Storage;
using OpenEim.Storage.Files;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Organisations;

/// <summary>A real data file with the manager's schema, its secrets and tokens, on a clock that the test turns.</summary>
internal sealed class TestInstallation : IAsyncDisposable
{
    private readonly MasterKey _masterKey;

    private TestInstallation(TempFolder folder, FakeTimeProvider clock, Database database, MasterKey masterKey, ApplicationTokens tokens)
    {
        _masterKey = masterKey;
        Folder = folder;
        Clock = clock;
        Database = database;
        Tokens = tokens;
        Store = new OrganisationStore(database, tokens, clock);
    }

    public TempFolder Folder { get; }

    public FakeTimeProvider Clock { get; }

    public Database Database { get; }

    public ApplicationTokens Tokens { get; }

    public OrganisationStore Store { get; }

    public static async Task<TestInstallation> StartAsync()
    {
        var folder = new TempFolder();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var database = Database.Open(folder.File("data.db"));
        database.Upgrade(typeof(ApplicationTokens).Assembly);
        var masterKey = MasterKey.LoadOrCreate(folder.File("master.key"));
        var tokens = await ApplicationTokens.OpenAsync(database, new SecretStore(database, masterKey, clock), clock);
        return new TestInstallation(folder, clock, database, masterKey, tokens);
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
        Folder.Dispose();
    }
}
