using System.CommandLine;
using System.CommandLine.Parsing;

namespace OpenEim.Benchmarks.Load;

/// <summary>An option whose value is the address of a server: scheme, host and port.</summary>
internal static class UrlOption
{
    public static Option<Uri?> Create(string name, string description, bool isRequired = false) =>
        new(name) { Description = description, Required = isRequired, CustomParser = Parse };

    private static Uri? Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) && url.PathAndQuery == "/")
        {
            return url;
        }

        result.AddError($"\"{text}\" is not of the form https://host:port.");
        return null;
    }
}
