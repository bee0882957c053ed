using Npgsql;

namespace OpenEim.Storage.Postgres;

/// <summary>Lets a role serve: it reads and writes all rows, and cannot change the schema.</summary>
internal static class PostgresRoles
{
    public static void Grant(PostgresSettings settings, string role)
    {
        try
        {
            using var connection = new NpgsqlConnection(settings.Maintenance);
            connection.Open();
            var name = Quoted(connection, "SELECT quote_ident($1)", role);
            var schema = Quoted(connection, "SELECT quote_ident(current_schema())", null);
            foreach (var statement in Statements(name, schema))
            {
                using var command = new NpgsqlCommand(statement, connection);
                command.ExecuteNonQuery();
            }
        }
        catch (NpgsqlException e)
        {
            throw PostgresFailures.Explain(settings.Name, e);
        }
    }

    private static string[] Statements(string role, string schema) =>
    [
        $"GRANT USAGE ON SCHEMA {schema} TO {role}",
        $"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
        $"REVOKE INSERT, UPDATE, DELETE ON schemaversions FROM {role}",
        $"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        $"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role}",

        // What later upgrades make.
        $"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
        $"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE ON SEQUENCES TO {role}",
        $"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT EXECUTE ON FUNCTIONS TO {role}",
    ];

    private static string Quoted(NpgsqlConnection connection, string sql, string? value)
    {
        using var command = new NpgsqlCommand(sql, connection);
        if (value is not null)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command.ExecuteScalar() as string ?? throw new StorageException("The connection has no current schema: check its Search Path.");
    }
}
