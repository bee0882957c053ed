namespace OpenEim.Manager.Queries;

/// <summary>A filter or sort criterion, or a place in the list, that cannot be followed. The message names it.</summary>
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

    /// <summary>What is meant.</summary>
    public QueryPart Part { get; init; }
}

/// <summary>The parts of a question for a list.</summary>
public enum QueryPart
{
    /// <summary>What is in the list.</summary>
    Filter,

    /// <summary>How it is ordered.</summary>
    Sort,

    /// <summary>Which part of it is shown.</summary>
    Page,
}
