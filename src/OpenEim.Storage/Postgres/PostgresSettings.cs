using Npgsql;

namespace OpenEim.Storage.Postgres;

/// <summary>The connection string, with what this program needs added where the operator has not said otherwise.</summary>
internal sealed class PostgresSettings
{
    /// <summary>Connections of one process. PostgreSQL allows 100 in all unless it is set up for more.</summary>
    private const int DefaultConnections = 20;

    private const int MinConnections = 4;

    /// <summary>Connections that answer the one-row reads: one for each statement of a process, of which none has more.</summary>
    public const int HotReaders = 2;

    // Our statements take microseconds to some seconds; compiling one to machine code, as PostgreSQL does where it expects much work, takes as long as the longest.
    private const string NoCompiler = "-c jit=off";

    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(3);

    private readonly NpgsqlConnectionStringBuilder _settings;

    private PostgresSettings(NpgsqlConnectionStringBuilder settings)
    {
        _settings = settings;
        var readers = Math.Max(1, (settings.MaxPoolSize - HotReaders) / 3);
        Writers = settings.MaxPoolSize - HotReaders - readers;
        LongReaders = readers / 3;
        Readers = readers - LongReaders;
        Groups = Math.Clamp(Environment.ProcessorCount, 1, Math.Max(1, Writers / 2));
    }

    /// <summary>Transactions that write at the same time.</summary>
    public int Writers { get; }

    /// <summary>Transactions of many writes at the same time: as many as can be kept busy, so that writes meet in them.</summary>
    public int Groups { get; }

    /// <summary>Reads at the same time, apart from the one-row reads and the long ones.</summary>
    public int Readers { get; }

    /// <summary>Reads that may take long, at the same time; none of their own where there are few connections.</summary>
    public int LongReaders { get; }

    /// <summary>The database, for messages: never the password.</summary>
    public string Name => $"{_settings.Database ?? _settings.Username} on {_settings.Host}:{_settings.Port}";

    public static bool IsPostgres(string connectionString) =>
        IsUrl(connectionString)
        || connectionString.Split(';').Any(part => part.Split('=')[0].Trim() is { } key
            && (key.Equals("Host", StringComparison.OrdinalIgnoreCase) || key.Equals("Server", StringComparison.OrdinalIgnoreCase)));

    public static PostgresSettings Parse(string connectionString)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(IsUrl(connectionString) ? FromUrl(connectionString) : connectionString);
        }
        catch (ArgumentException e)
        {
            throw new StorageException($"The database's connection string is not understood: {e.Message}", e);
        }

        Default(settings, "Application Name", "openeim");
        Default(settings, "Maximum Pool Size", DefaultConnections);
        Default(settings, "Max Auto Prepare", 200);
        Default(settings, "Auto Prepare Min Usages", 2);
        Default(settings, "Keepalive", 30); // seconds: a node whose network went away must not hold its locks for ever
        settings.Enlist = false;
        settings.NoResetOnClose = true; // a connection carries no state from one use to the next
        settings.IncludeErrorDetail = false; // details hold values
        return settings.MaxPoolSize >= MinConnections
            ? new PostgresSettings(settings)
            : throw new StorageException($"Maximum Pool Size must be at least {MinConnections}.");
    }

    /// <summary>Connections that write.</summary>
    /// <remarks>
    /// Statements that write find their rows by whole keys, so that one plan suits all; planning partitioned tables each time costs more
    /// than running. Lists differ with what they look for.
    /// </remarks>
    public NpgsqlDataSource OpenWriters() => Open(Writers, $"{NoCompiler} -c plan_cache_mode=force_generic_plan");

    /// <summary>Connections whose transactions cannot write, and whose statements PostgreSQL ends after the limit.</summary>
    public NpgsqlDataSource OpenReaders(TimeSpan limit) => Open(Readers, OptionsOfReaders(limit));

    /// <summary>As <see cref="OpenReaders"/>, for those that may take long.</summary>
    public NpgsqlDataSource OpenLongReaders(TimeSpan limit) => Open(LongReaders, OptionsOfReaders(limit));

    /// <summary>As <see cref="OpenReaders"/>, for the one-row reads.</summary>
    /// <remarks>
    /// They find rows by whole keys, many at a time. Of a table that is small as yet, or not analysed, PostgreSQL would rather read all;
    /// and it would plan each time anew, since lists of keys differ in length.
    /// </remarks>
    public NpgsqlDataSource OpenHotReaders(TimeSpan limit) =>
        Open(HotReaders, $"{OptionsOfReaders(limit)} -c enable_seqscan=off -c plan_cache_mode=force_generic_plan");

    /// <summary>A connection for the schema's owner: no limit on how long a statement takes.</summary>
    public string Maintenance => new NpgsqlConnectionStringBuilder(_settings.ConnectionString) { CommandTimeout = 0, Pooling = false }.ConnectionString;

    /// <summary>As <see cref="Maintenance"/>; a statement that waits for a table gives up before it stops those who serve behind it.</summary>
    public string Upgrade => new NpgsqlConnectionStringBuilder(Maintenance)
    {
        Options = $"{_settings.Options} -c lock_timeout={(long)LockPatience.TotalMilliseconds}".Trim(),
    }.ConnectionString;

    private static string OptionsOfReaders(TimeSpan limit) =>
        $"{NoCompiler} -c default_transaction_read_only=on -c statement_timeout={(long)limit.TotalMilliseconds}";

    private NpgsqlDataSource Open(int connections, string options)
    {
        var settings = new NpgsqlConnectionStringBuilder(_settings.ConnectionString) { MaxPoolSize = connections };
        settings.MinPoolSize = Math.Min(settings.MinPoolSize, connections);
        settings.Options = $"{settings.Options} {options}".Trim();

        return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }

    private static void Default(NpgsqlConnectionStringBuilder settings, string key, object value)
    {
        if (!settings.ContainsKey(key) || !settings.ShouldSerialize(key))
        {
            settings[key] = value;
        }
    }

    private static bool IsUrl(string text) =>
        text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);

    private static string FromUrl(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
        {
            throw new ArgumentException("it is not a URL such as postgres://user@host:5432/database", nameof(text));
        }

        var settings = new NpgsqlConnectionStringBuilder { Host = url.Host, Port = url.Port > 0 ? url.Port : 5432 };
        var user = url.UserInfo.Split(':', 2);
        settings.Username = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null;
        settings.Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null;
        settings.Database = url.AbsolutePath.Length > 1 ? Uri.UnescapeDataString(url.AbsolutePath[1..]) : null;
        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            var key = Uri.UnescapeDataString(parts[0]);
            settings[key == "sslmode" ? "SSL Mode" : key] = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]).Replace("-", "", StringComparison.Ordinal) : "";
        }

        return settings.ConnectionString;
    }
}
