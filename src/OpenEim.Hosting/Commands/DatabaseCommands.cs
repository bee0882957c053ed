using System.CommandLine;
using OpenEim.Hosting.Keys;
using OpenEim.Hosting.Running;
using OpenEim.Hosting.Settings;
using OpenEim.Storage;

namespace OpenEim.Hosting.Commands;

/// <summary>The subcommands of <c>db</c> that every host has: they work beside running servers.</summary>
/// <param name="place">The host's database.</param>
/// <param name="options">What the configuration and the command line say.</param>
public sealed class DatabaseCommands(ServiceDatabase place, Func<ParseResult, CommonOptions> options)
{
    private readonly Option<string?> _grantTo = new("--grant-to")
    {
        Description = "A role of PostgreSQL that the servers will run as: it may then read and write all rows, and nothing more.",
    };

    private readonly Argument<string> _backupFile = new("file") { Description = "A file that does not exist yet." };

    /// <summary>The command with its subcommands; the host may add more.</summary>
    public Command Create()
    {
        var upgrade = new Command("upgrade", "Brings the schema up to this version. Servers of the version before may go on meanwhile.") { _grantTo };
        upgrade.SetAction((arguments, _) => RunAsync(arguments, database => Task.FromResult(Upgrade(database, arguments.GetValue(_grantTo)))));
        var status = new Command("status", "Says which schema files the database has; ends with 2 when it must be upgraded.");
        status.SetAction((arguments, _) => RunAsync(arguments, database => Task.FromResult(Status(database))));
        var backup = new Command("backup", "Copies a SQLite database into a new file while it is in use.") { _backupFile };
        backup.SetAction((arguments, ct) => RunAsync(arguments, database => BackupAsync(database, arguments.GetValue(_backupFile)!, ct)));
        return new Command("db", "The database: its schema, its roles, its backup.") { upgrade, status, backup };
    }

    /// <summary>Opens the database for one command, and closes it.</summary>
    public async Task<int> RunAsync(ParseResult arguments, Func<Database, Task<int>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var settled = options(arguments);

        // A shared database needs no data folder here.
        await using var database = Database.Open(settled.Database ?? place.ConnectionString(settled, DataFolder.OpenExisting(settled.Data)));
        return await run(database).ConfigureAwait(false);
    }

    private int Upgrade(Database database, string? role)
    {
        var applied = database.Upgrade(place.Schema);
        Console.WriteLine(applied == 0 ? $"{database.Name} is up to date." : $"{database.Name}: {applied} schema files applied.");
        if (role is not null)
        {
            database.GrantTo(role);
            Console.WriteLine($"{role} may read and write all rows.");
        }

        return 0;
    }

    private int Status(Database database)
    {
        var state = database.Schema(place.Schema);
        Console.WriteLine($"{database.Name} ({database.Engine})");
        foreach (var (word, files) in new[] { ("applied", state.Applied), ("missing", state.Missing), ("newer", state.Newer) })
        {
            foreach (var file in files)
            {
                Console.WriteLine($"{word,-8} {file}");
            }
        }

        return state.IsUsable ? 0 : 2;
    }

    private async Task<int> BackupAsync(Database database, string file, CancellationToken ct)
    {
        place.RefuseEmpty(database);
        await database.BackupAsync(file, ct).ConfigureAwait(false);
        Console.WriteLine($"{database.Name} is copied to {file}. Its secrets need the master key that stands beside it.");
        return 0;
    }
}
