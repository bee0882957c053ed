using System.CommandLine;
using OpenEim.Hosting.Keys;
using OpenEim.Hosting.Settings;
using OpenEim.Manager.Background;
using OpenEim.Storage;

namespace OpenEim.Server;

/// <summary>The subcommands of <c>db</c>: they work beside running servers.</summary>
internal static class DatabaseCommands
{
    private static readonly DatabaseArguments Place = new();

    private static readonly Option<string?> GrantTo = new("--grant-to")
    {
        Description = "A role of PostgreSQL that the servers will run as: it may then read and write all rows, and nothing more.",
    };

    private static readonly Argument<string> BackupFile = new("file") { Description = "A file that does not exist yet." };

    private static readonly Option<int> Skip = new("--skip")
    {
        Description = "More packages than any eUICC can have got since the backup.",
        DefaultValueFactory = _ => Restoration.DefaultSkip,
    };

    /// <summary>The command with its subcommands.</summary>
    public static Command Create()
    {
        var upgrade = new Command("upgrade", "Brings the schema up to this version. Servers of the version before may go on meanwhile.") { GrantTo };
        var status = new Command("status", "Says which schema files the database has; ends with 2 when it must be upgraded.");
        var backup = new Command("backup", "Copies a SQLite database into a new file while it is in use.") { BackupFile };
        var restored = new Command("restored", "To be run once after a backup was restored, before a server is started: lets counters and profiles catch up with the eUICCs.") { Skip };
        var distribute = new Command("distribute", "Distributes the tables over a Citus cluster, by EID; may be run again.");
        Command[] commands = [upgrade, status, backup, restored, distribute];
        upgrade.SetAction((arguments, _) => Task.FromResult(Run(arguments, Upgrade)));
        status.SetAction((arguments, _) => Task.FromResult(Run(arguments, Status)));
        backup.SetAction((arguments, ct) => Task.FromResult(Run(arguments, (database, given) => Backup(database, given, ct))));
        restored.SetAction((arguments, ct) => Task.FromResult(Run(arguments, (database, given) => Restored(database, given, ct))));
        distribute.SetAction((arguments, ct) => Task.FromResult(Run(arguments, (database, _) => Distribute(database, ct))));
        foreach (var command in commands)
        {
            Place.AddTo(command);
        }

        var db = new Command("db", "The database: its schema, its roles, its backup.");
        Array.ForEach(commands, db.Subcommands.Add);
        return db;
    }

    private static int Upgrade(Database database, ParseResult arguments)
    {
        var applied = database.Upgrade(EimDatabase.Schema);
        Console.WriteLine(applied == 0 ? $"{database.Name} is up to date." : $"{database.Name}: {applied} schema files applied.");
        if (arguments.GetValue(GrantTo) is { } role)
        {
            database.GrantTo(role);
            Console.WriteLine($"{role} may read and write all rows.");
        }

        return 0;
    }

    private static int Status(Database database, ParseResult arguments)
    {
        var state = database.Schema(EimDatabase.Schema);
        Console.WriteLine($"{database.Name} ({database.Engine})");
        Print("applied", state.Applied);
        Print("missing", state.Missing);
        Print("newer", state.Newer);
        return state.IsUsable ? 0 : 2;
    }

    private static void Print(string word, IReadOnlyList<string> files)
    {
        foreach (var file in files)
        {
            Console.WriteLine($"{word,-8} {file}");
        }
    }

    private static int Backup(Database database, ParseResult arguments, CancellationToken ct)
    {
        RefuseEmpty(database);
        var file = arguments.GetValue(BackupFile)!;
        database.BackupAsync(file, ct).GetAwaiter().GetResult();
        Console.WriteLine($"{database.Name} is copied to {file}. Its secrets need the master key that stands beside it.");
        return 0;
    }

    private static int Distribute(Database database, CancellationToken ct)
    {
        var count = new Distribution(database).RunAsync(table => Console.WriteLine($"{table} is distributed"), ct).GetAwaiter().GetResult();
        Console.WriteLine(count == 0 ? "All tables were distributed already." : $"{database.Name}: {count} tables distributed.");
        return 0;
    }

    private static int Restored(Database database, ParseResult arguments, CancellationToken ct)
    {
        var skip = arguments.GetValue(Skip);
        if (skip < 0)
        {
            throw new SetupException("--skip must not be negative.");
        }

        RefuseEmpty(database);
        var count = new Restoration(database).RunAsync(skip, ct).GetAwaiter().GetResult();
        Console.WriteLine($"{database.Name}: {count} eUICCs will be read anew; their counters leave out {skip}.");
        return 0;
    }

    /// <summary>A folder that was mistyped must not become a backup of nothing.</summary>
    private static void RefuseEmpty(Database database)
    {
        if (database.Schema(EimDatabase.Schema).Applied.Count == 0)
        {
            throw new SetupException($"{database.Name} holds no data of an eIM; --data or --database must name the one that is meant.");
        }
    }

    private static int Run(ParseResult arguments, Func<Database, ParseResult, int> work)
    {
        var options = Place.Apply(arguments, ServerSettings.Read(DatabaseArguments.ReadConfiguration()));

        // A shared database needs no data folder here.
        var database = Database.Open(options.Database ?? EimDatabase.ConnectionString(options, DataFolder.OpenExisting(options.Data)));
        try
        {
            return work(database, arguments);
        }
        finally
        {
            database.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}
