namespace OpenEim.Hosting.Settings;

/// <summary>How the process writes its log.</summary>
public enum LogFormat
{
    /// <summary>A line of text for people.</summary>
    Text,

    /// <summary>A line of JSON, with the correlation id of the request among its scopes.</summary>
    Json,
}
