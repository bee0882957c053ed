namespace OpenEim.Benchmarks.Engines;

/// <summary>A database engine, with what it takes to fill a database of it fast.</summary>
internal interface IEngine : IAsyncDisposable
{
    /// <summary>As it stands in the report.</summary>
    string Name { get; }

    /// <summary>Name and version.</summary>
    string Version { get; }

    /// <summary>A new empty database.</summary>
    /// <param name="folder">Where a file of it may be kept.</param>
    /// <returns>Its connection string.</returns>
    Task<string> CreateAsync(string folder);

    /// <summary>A table expression with one column <c>n</c>: the whole numbers from <c>@first</c> to <c>@last</c>.</summary>
    string Series { get; }

    /// <summary>SQL for the bytes that a text of hexadecimal digits stands for.</summary>
    string FromHex(string text);

    /// <summary>SQL for a number as a text of that many decimal digits.</summary>
    string Digits(string number, int count);

    /// <summary>SQL for a number as a text of that many hexadecimal digits.</summary>
    string HexDigits(string number, int count);

    /// <summary>Makes room for operations that ended in the past.</summary>
    Task PrepareHistoryAsync(string connectionString, TimeSpan age);

    /// <summary>Does what a database has done for it in months, once it is filled.</summary>
    Task SettleAsync(string connectionString);

    /// <summary>What processes other than this one have used of the processors for it.</summary>
    TimeSpan ProcessorTime();
}
