using System.CommandLine;
using OpenEim.Hosting.Keys;
using OpenEim.Hosting.Settings;
using OpenEim.Storage;

namespace OpenEim.Smdp;

/// <summary>The subcommands of <c>db</c>: they work beside running servers.</summary>
internal static class DatabaseCommands
{
    private static readonly Option<string?> GrantTo = new("--grant-to")
    {
        Description = "A role of PostgreSQL that the servers will run as: it may then read and write all rows, and nothing more.",
    };

    private static readonly Argument<string> BackupFile = new("file") { Description = "A file that does not exist yet." };

    /// <summary>The command with its subcommands.</summary>
    public static Command Build(Func<ParseResult, SmdpOptions> options)
    {
        var upgrade = new Command("upgrade", "Brings the schema up to this version. Servers of the version before may go on meanwhile.") { GrantTo };
        upgrade.SetAction((arguments, _) => RunAsync(options(arguments), database => Task.FromResult(Upgrade(database, arguments.GetValue(GrantTo)))));
        var status = new Command("status", "Says which schema files the database has; ends with 2 when it must be upgraded.");
        status.SetAction((arguments, _) => RunAsync(options(arguments), database => Task.FromResult(Status(database))));
        var backup = new Command("backup", "Copies a SQLite database into a new file while it is in use.") { BackupFile };
        backup.SetAction((arguments, ct) => RunAsync(options(arguments), async database =>
        {
            RefuseEmpty(database);
            await database.BackupAsync(arguments.GetValue(BackupFile)!, ct);
            Console.WriteLine($"{database.Name} is copied to {arguments.GetValue(BackupFile)}. Its secrets need the master key that stands beside it.");
            return 0;
        }));
        return new Command("db", "The database: its schema, its roles, its backup.") { upgrade, status, backup };
    }

    private static int Upgrade(Database database, string? role)
    {
        var applied = database.Upgrade(SmdpStorage.Schema);
        Console.WriteLine(applied == 0 ? $"{database.Name} is up to date." : $"{database.Name}: {applied} schema files applied.");
        if (role is not null)
        {
            database.GrantTo(role);
            Console.WriteLine($"{role} may read and write all rows.");
        }

        return 0;
    }

    private static int Status(Database database)
    {
        var state = database.Schema(SmdpStorage.Schema);
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

    /// <summary>A folder that was mistyped must not become a backup of nothing.</summary>
    private static void RefuseEmpty(Database database)
    {
        if (database.Schema(SmdpStorage.Schema).Applied.Count == 0)
        {
            throw new SetupException($"{database.Name} holds no data of an SM-DP+; --data or --database must name the one that is meant.");
        }
    }

    private static async Task<int> RunAsync(SmdpOptions options, Func<Database, Task<int>> run)
    {
        // A shared database needs no data folder here.
        await using var database = Database.Open(options.Database ?? SmdpStorage.ConnectionString(options, DataFolder.OpenExisting(options.Data)));
        return await run(database);
    }
}
