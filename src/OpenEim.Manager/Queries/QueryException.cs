namespace OpenEim.Manager.Queries;

/// <summary>A filter or sort criterion that cannot be followed. The message names the criterion.</summary>
public sealed class QueryException : Exception
{
    /// <summary>Creates the exception.</summary>
    public QueryException()
        : this("The query cannot be followed.")
    {
    }

    /// <summary>Creates the exception for a filter criterion.</summary>
    public QueryException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception for a filter criterion.</summary>
    public QueryException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether a sort criterion is meant, rather than a filter criterion.</summary>
    public bool IsSort { get; init; }
}
