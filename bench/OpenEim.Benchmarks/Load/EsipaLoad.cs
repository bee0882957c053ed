using System.CommandLine;
using System.Net.Http.Headers;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Benchmarks.Load;

/// <summary>The command <c>load esipa</c>: devices that poll.</summary>
internal static class EsipaLoad
{
    private const string Path = "/gsma/rsp2/asn1";

    private static readonly Option<Uri?> Url = UrlOption.Create("--url", "Where devices reach ESipa: scheme, host and port.", isRequired: true);
    private static readonly Option<string?> Eids = new("--eids") { Description = "A file with the EIDs that poll in turn, one on each line." };
    private static readonly Option<string?> FirstEid = new("--first-eid") { Description = "The first EID of a range; its check digits are followed." };
    private static readonly Option<int> Count = new("--count") { Description = "How many EIDs the range has, or how many are read from the REST API at most.", DefaultValueFactory = _ => 1_000 };
    private static readonly Option<Uri?> Api = UrlOption.Create("--api-url", "Reads the EIDs from this REST API, with --token or --token-file.");

    public static Command Create()
    {
        var command = new Command(
            "esipa",
            "Polls (GetEimPackage in the ASN.1 binding) with the EIDs given in turn. A package that is delivered is not executed: poll for devices that exist for this purpose, or that have nothing to do.")
        {
            Url, Eids, FirstEid, Count, Api,
        };
        RestSession.AddTo(command);
        LoadOptions.AddTo(command);
        command.SetAction((arguments, ct) => LoadCommand.GuardAsync(() => RunAsync(arguments, ct)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken ct)
    {
        var options = LoadOptions.Read(arguments);
        var eids = await EidsAsync(arguments, options, ct).ConfigureAwait(false);
        if (eids.Count == 0)
        {
            throw new LoadException("There is no EID to poll with.");
        }

        using var client = LoadClient.Create(arguments.GetValue(Url)!, options);
        return await new LoadRun(options, (number, stop) => PollAsync(client, eids[(int)(number % eids.Count)], stop)).RunAsync(ct).ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<Eid>> EidsAsync(ParseResult arguments, LoadOptions options, CancellationToken ct)
    {
        var count = arguments.GetValue(Count);
        switch (arguments.GetValue(Eids), arguments.GetValue(FirstEid), arguments.GetValue(Api))
        {
            case ({ } file, null, null):
                return EidSource.FromFile(file);
            case (null, { } first, null):
                return EidSource.FromRange(first, count);
            case (null, null, { } api):
                using (var session = await RestSession.OpenAsync(api, arguments, options, ct).ConfigureAwait(false))
                {
                    return await session.ReadEidsAsync(count, ct).ConfigureAwait(false);
                }

            default:
                throw new LoadException("Give one of --eids, --first-eid and --api-url.");
        }
    }

    private static async Task<Outcome> PollAsync(HttpClient client, Eid eid, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new ByteArrayContent(new GetEimPackageRequest(eid).Encode()) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-gsma-rsp-asn1");
        request.Headers.Add("X-Admin-Protocol", "gsma/rsp/v2.1.0");
        using var answer = await client.SendAsync(request, ct).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            return Outcome.Refused(answer);
        }

        try
        {
            var response = BerMessage.Decode<GetEimPackageResponse>(await answer.Content.ReadAsByteArrayAsync(ct).ConfigureAwait(false));
            return response.Error switch
            {
                null => Outcome.Ok("package"),
                GetEimPackageError.NoEimPackageAvailable => Outcome.Ok("nothing to do"),
                { } error => Outcome.Error(error.ToString()),
            };
        }
        catch (ProtocolException)
        {
            return Outcome.Error("malformed answer");
        }
    }
}
