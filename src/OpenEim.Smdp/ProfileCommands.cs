using System.CommandLine;
using OpenEim.Hosting.Keys;
using OpenEim.Hosting.Settings;
using OpenEim.Protocol;
using OpenEim.Smdp.Profiles;
using OpenEim.Storage;

namespace OpenEim.Smdp;

/// <summary>The subcommands <c>profile add</c>, <c>profile list</c> and <c>profile export</c>; they work beside a running server.</summary>
internal static class ProfileCommands
{
    private const int PageLength = 1000;

    private static readonly Option<string> Type = new("--type") { Description = "The profile type, as operators order it.", Required = true };
    private static readonly Option<string?> OfType = new("--type") { Description = "Of this profile type only." };
    private static readonly Option<int> Count = new("--count") { Description = "How many profiles to generate.", DefaultValueFactory = _ => 0 };
    private static readonly Option<string?> Csv = new("--csv") { Description = "A file with subscribers to add: iccid,imsi,ki,opc." };
    private static readonly Option<string?> Template = new("--template") { Description = "A profile package (DER) to put subscribers into; without it, the built-in one." };
    private static readonly Option<string?> Provider = new("--provider") { Description = "The service provider's name." };
    private static readonly Option<string?> Name = new("--name") { Description = "The profile's name." };
    private static readonly Option<bool> Fallback = new("--fallback-allowed") { Description = "The profiles may be fallback profiles." };
    private static readonly Option<bool> OwnKeys = new("--replace-session-keys") { Description = "Protect packages with keys of their own." };
    private static readonly Option<string?> IccidPrefix = new("--iccid-prefix") { Description = "The beginning of generated ICCIDs." };
    private static readonly Option<string?> ImsiPrefix = new("--imsi-prefix") { Description = "The beginning of generated IMSIs." };
    private static readonly Option<string> Output = new("--output") { Description = "The file to write, readable by its owner alone.", Required = true };

    public static Command Build(Func<ParseResult, SmdpOptions> options)
    {
        var add = new Command("add", "Makes the profile type if there is none of this name, and adds profiles.")
        {
            Type, Count, Csv, Template, Provider, Name, Fallback, OwnKeys, IccidPrefix, ImsiPrefix,
        };
        add.SetAction((arguments, ct) => RunAsync(options(arguments), DataFolder.Open, stock => AddAsync(stock, arguments, ct)));
        var list = new Command("list", "Lists the profiles in stock.") { OfType };
        list.SetAction((arguments, ct) => RunAsync(options(arguments), DataFolder.OpenExisting, stock => ListAsync(stock, arguments.GetValue(OfType), ct)));
        var export = new Command("export", "Writes the subscribers' keys into a file, for the home subscriber server.") { OfType, Output };
        export.SetAction((arguments, ct) => RunAsync(options(arguments), DataFolder.OpenExisting, stock => ExportAsync(stock, arguments, ct)));
        return new Command("profile", "Profiles in stock.") { add, list, export };
    }

    private static async Task<int> RunAsync(SmdpOptions options, Func<string, DataFolder> open, Func<ProfileStock, Task> run)
    {
        try
        {
            var folder = open(options.Data);
            await using var database = await SmdpStorage.Place.OpenAsync(options, folder, new DatabaseOptions());
            using var masterKey = MasterKeyFile.LoadOrCreate(options.MasterKey ?? folder.MasterKeyPath);
            await run(new ProfileStock(database, new PackageVault(masterKey), TimeProvider.System));
            return 0;
        }
        catch (Exception e) when (e is ProtocolException or IOException or UnauthorizedAccessException)
        {
            // Of a file that the command line names.
            throw new SetupException(e.Message, e);
        }
    }

    private static async Task AddAsync(ProfileStock stock, ParseResult arguments, CancellationToken ct)
    {
        var type = new ProfileTypeDefinition(arguments.GetValue(Type)!);
        type = type with
        {
            ServiceProviderName = arguments.GetValue(Provider) ?? type.ServiceProviderName,
            ProfileName = arguments.GetValue(Name),
            FallbackAllowed = arguments.GetValue(Fallback) ? true : null,
            ReplaceSessionKeys = arguments.GetValue(OwnKeys),
            IccidPrefix = arguments.GetValue(IccidPrefix) ?? type.IccidPrefix,
            ImsiPrefix = arguments.GetValue(ImsiPrefix) ?? type.ImsiPrefix,
        };
        if (arguments.GetValue(Template) is { } file)
        {
            type = type with { Template = await File.ReadAllBytesAsync(file, ct) };
        }

        var isNew = await stock.AddTypeAsync(type, ct);
        var added = 0;
        if (arguments.GetValue(Csv) is { } csv)
        {
            added += (await stock.ImportAsync(type.Name, SubscriberFile.Read(await File.ReadAllTextAsync(csv, ct)), ct)).Count;
        }

        if (arguments.GetValue(Count) is > 0 and var count)
        {
            added += (await stock.GenerateAsync(type.Name, count, ct)).Count;
        }

        Console.WriteLine($"{added} profiles of {(isNew ? "the new" : "the existing")} type {type.Name} added");
    }

    private static async Task ListAsync(ProfileStock stock, string? profileType, CancellationToken ct)
    {
        await foreach (var profile in AllAsync(stock, profileType, ct))
        {
            Console.WriteLine($"{profile.Iccid}  {profile.State,-11}  {profile.ProfileType}  {profile.Eid}");
        }
    }

    private static async Task ExportAsync(ProfileStock stock, ParseResult arguments, CancellationToken ct)
    {
        var iccids = new List<string>();
        var type = arguments.GetValue(OfType);
        await foreach (var profile in AllAsync(stock, type, ct))
        {
            iccids.Add(profile.Iccid);
        }

        if (iccids.Count == 0)
        {
            throw new SetupException($"There is no profile{(type is null ? "" : $" of type {type}")} in stock; nothing is exported.");
        }

        var subscribers = await stock.ExportAsync(iccids, ct);
        DataFolder.WritePrivate(Path.GetFullPath(arguments.GetValue(Output)!), SubscriberFile.Write(subscribers));
        foreach (var subscriber in subscribers)
        {
            subscriber.Dispose();
        }

        Console.WriteLine($"{subscribers.Count} subscribers written");
    }

    private static async IAsyncEnumerable<StockedProfile> AllAsync(
        ProfileStock stock, string? profileType, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        string? after = null;
        while (true)
        {
            var page = await stock.ListAsync(profileType, after, PageLength, ct);
            foreach (var profile in page)
            {
                yield return profile;
            }

            if (page.Count < PageLength)
            {
                yield break;
            }

            after = page[^1].Iccid;
        }
    }
}
