using System.CommandLine;
using OpenEim.Hosting.Commands;
using OpenEim.Hosting.Settings;
using OpenEim.Manager.Nodes;
using OpenEim.Manager.Restoration;
using OpenEim.Storage;

namespace OpenEim.Server;

/// <summary>The subcommands of <c>db</c>: those of every host, and the eIM's own.</summary>
internal static class EimDatabaseCommands
{
    private static readonly Option<int> Skip = new("--skip")
    {
        Description = "More packages than any eUICC can have got since the backup.",
        DefaultValueFactory = _ => DatabaseRestoration.DefaultSkip,
    };

    /// <summary>The command with its subcommands.</summary>
    public static Command Create()
    {
        var common = new DatabaseCommands(EimDatabase.Place, arguments => ServerSettings.All.Read(arguments, HostConfiguration.Read()));
        var db = common.Create();
        var restored = new Command("restored", "To be run once after a backup was restored, before a server is started: lets counters and profiles catch up with the eUICCs.") { Skip };
        restored.SetAction((arguments, ct) => common.RunAsync(arguments, database => RestoredAsync(database, arguments.GetValue(Skip), ct)));
        var distribute = new Command("distribute", "Distributes the tables over a Citus cluster, by EID; may be run again.");
        distribute.SetAction((arguments, ct) => common.RunAsync(arguments, database => DistributeAsync(database, ct)));
        db.Subcommands.Add(restored);
        db.Subcommands.Add(distribute);
        return db;
    }

    private static async Task<int> DistributeAsync(Database database, CancellationToken ct)
    {
        var count = await new Distribution(database).RunAsync(table => Console.WriteLine($"{table} is distributed"), ct);
        Console.WriteLine(count == 0 ? "All tables were distributed already." : $"{database.Name}: {count} tables distributed.");
        return 0;
    }

    private static async Task<int> RestoredAsync(Database database, int skip, CancellationToken ct)
    {
        if (skip < 0)
        {
            throw new SetupException("--skip must not be negative.");
        }

        EimDatabase.Place.RefuseEmpty(database);
        var count = await new DatabaseRestoration(database).RunAsync(skip, ct);
        Console.WriteLine($"{database.Name}: {count} eUICCs will be read anew; their counters leave out {skip}.");
        return 0;
    }
}
