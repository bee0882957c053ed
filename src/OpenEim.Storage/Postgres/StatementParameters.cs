using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Dapper;
using Npgsql;
using NpgsqlTypes;

namespace OpenEim.Storage.Postgres;

/// <summary>Makes commands of statements and the objects that hold their values, as Dapper does for commands that run on their own.</summary>
internal static class StatementParameters
{
    private static readonly ConcurrentDictionary<(string Sql, Type Type), Member[]> Members = new();

    /// <summary>Whether these are the values of many runs of a statement.</summary>
    public static bool AreMany(object? values, [NotNullWhen(true)] out IEnumerable? many) =>
        (many = values is string or DynamicParameters or IEnumerable<KeyValuePair<string, object>> ? null : values as IEnumerable) is not null;

    /// <summary>A command with the public properties of <paramref name="values"/> that the statement names.</summary>
    public static NpgsqlBatchCommand Bind(string sql, object? values)
    {
        var command = new NpgsqlBatchCommand(sql);
        switch (values)
        {
            case null:
                break;
            case DynamicParameters dynamic:
                AddNamed(command, dynamic.ParameterNames.Select(name => KeyValuePair.Create(name, dynamic.Get<object?>(name))));
                break;
            case IEnumerable<KeyValuePair<string, object>> named:
                AddNamed(command, named.Select(pair => KeyValuePair.Create(pair.Key, (object?)pair.Value)));
                break;
            default:
                foreach (var member in Members.GetOrAdd((sql, values.GetType()), Inspect))
                {
                    command.Parameters.Add(Parameter(member.Name, member.Type, member.Property.GetValue(values)));
                }

                break;
        }

        return command;
    }

    private static void AddNamed(NpgsqlBatchCommand command, IEnumerable<KeyValuePair<string, object?>> values)
    {
        foreach (var (name, value) in values)
        {
            command.Parameters.Add(Parameter(name, value?.GetType() ?? typeof(string), value));
        }
    }

    private static Member[] Inspect((string Sql, Type Type) key) =>
        [.. key.Type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => Regex.IsMatch(key.Sql, $@"@{property.Name}\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant))
            .Select(property => new Member(property.Name, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, property))];

    private static NpgsqlParameter Parameter(string name, Type type, object? value)
    {
        var parameter = new NpgsqlParameter { ParameterName = name, NpgsqlDbType = TypeOf(type) };
        parameter.Value = value switch
        {
            null => DBNull.Value,
            bool flag => flag ? 1L : 0L, // flags are whole numbers in the tables
            int number => (long)number,
            Enum choice => Convert.ToInt64(choice, CultureInfo.InvariantCulture),
            string or byte[] or long or ReadOnlyMemory<byte> or double => value,
            IEnumerable list => ToArray(list, type),
            _ => throw Unsupported(type),
        };
        return parameter;
    }

    private static NpgsqlDbType TypeOf(Type type) =>
        type == typeof(byte[]) || type == typeof(ReadOnlyMemory<byte>) ? NpgsqlDbType.Bytea
        : type == typeof(string) ? NpgsqlDbType.Text
        : type == typeof(double) ? NpgsqlDbType.Double
        : type == typeof(long) || type == typeof(int) || type == typeof(bool) || type.IsEnum ? NpgsqlDbType.Bigint
        : ElementOf(type) is { } element ? NpgsqlDbType.Array | TypeOf(element)
        : throw Unsupported(type);

    private static Type? ElementOf(Type type) => type.IsArray ? type.GetElementType() : type.GetInterfaces().Append(type)
        .FirstOrDefault(known => known.IsGenericType && known.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GetGenericArguments()[0];

    private static Array ToArray(IEnumerable list, Type type) => TypeOf(ElementOf(type)!) switch
    {
        NpgsqlDbType.Bytea => list.Cast<byte[]>().ToArray(),
        NpgsqlDbType.Text => list.Cast<string>().ToArray(),
        _ => list.Cast<object>().Select(item => Convert.ToInt64(item, CultureInfo.InvariantCulture)).ToArray(),
    };

    private static NotSupportedException Unsupported(Type type) => new($"A value of type {type.Name} is none that a statement can have.");

    private sealed record Member(string Name, Type Type, PropertyInfo Property);
}
