using System.CommandLine;
using OpenEim.Hosting.Settings;

namespace OpenEim.Server;

/// <summary>The arguments that say where the data are: of the server and of its <c>db</c> commands.</summary>
internal sealed class DatabaseArguments
{
    private readonly Option<string?> _data = new("--data") { Description = "The folder that everything is kept in (default: openeim-data)." };

    private readonly Option<string?> _database = new("--database")
    {
        Description = "The database: \"Host=…;Username=…;Database=…\" or postgres://… for PostgreSQL (default: a SQLite file in the data folder).",
    };

    private readonly Option<bool> _newDatabase = new("--new-database")
    {
        Description = "A new database is meant where the one of an earlier start is missing from the data folder; without this, that is refused.",
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_data);
        command.Options.Add(_database);
        command.Options.Add(_newDatabase);
    }

    /// <summary>The options with what was given.</summary>
    public ServerOptions Apply(ParseResult arguments, ServerOptions options) => options with
    {
        Data = arguments.GetValue(_data) ?? options.Data,
        Database = arguments.GetValue(_database) ?? options.Database,
        NewDatabase = options.NewDatabase || arguments.GetValue(_newDatabase),
    };

    /// <summary>What appsettings.json and the environment say.</summary>
    /// <exception cref="SetupException">They cannot be followed.</exception>
    public static IConfiguration ReadConfiguration() =>
        new ConfigurationBuilder().AddJsonFile("appsettings.json", optional: true).AddEnvironmentVariables().Build();
}
