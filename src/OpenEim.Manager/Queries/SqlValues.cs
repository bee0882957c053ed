using Dapper;

namespace OpenEim.Manager.Queries;

/// <summary>The parameters of a statement that is put together from criteria: values never become part of the text.</summary>
public sealed class SqlValues
{
    private int _count;

    /// <summary>What to pass along with the statement.</summary>
    public DynamicParameters Parameters { get; } = new();

    /// <summary>Adds a value under a name of its own and returns the placeholder.</summary>
    public string Add(object value)
    {
        var name = $"v{_count++}";
        Parameters.Add(name, value);
        return "@" + name;
    }
}
