using System.CommandLine;
using System.Security.Cryptography;
using OpenEim.Fuzzing.Signed;

namespace OpenEim.Fuzzing.Commands;

/// <summary>The command <c>signed</c>: valid signed messages with odd values, against a whole eIM and SM-DP+.</summary>
internal static class SignedCommand
{
    private static readonly Option<long> Count = new("--count") { Description = "Ends after so many signed messages.", DefaultValueFactory = _ => long.MaxValue };
    private static readonly Option<double> Seconds = new("--seconds") { Description = "Ends after so many seconds.", DefaultValueFactory = _ => 3_600 };
    private static readonly Option<int?> Seed = new("--seed") { Description = "Makes the values repeatable; random by default." };
    private static readonly Option<int> Devices = new("--devices") { Description = "How many eUICCs.", DefaultValueFactory = _ => 200 };
    private static readonly Option<string?> Database = new("--database") { Description = "A new PostgreSQL database for the eIM, prepared with openeim-server db upgrade: Host=…;Username=…;Database=…. SQLite by default." };

    public static Command Create()
    {
        var command = new Command("signed", "Sends signed messages with a random value in any leaf: each must be stored and acknowledged.") { Count, Seconds, Seed, Devices, Database };
        command.SetAction(async arguments =>
        {
            var options = new SignedOptions(
                arguments.GetValue(Count),
                TimeSpan.FromSeconds(arguments.GetValue(Seconds)),
                arguments.GetValue(Seed) ?? RandomNumberGenerator.GetInt32(int.MaxValue),
                arguments.GetValue(Devices),
                arguments.GetValue(Database));
            var manager = await SignedRun.RunAsync(options, Console.Out).ConfigureAwait(false);

            // The SM-DP+'s part is short: it keeps nothing that the next message could meet.
            var smdp = await SignedDownloads.RunAsync(options with { Messages = options.Messages / 10, Time = options.Time / 10 }, Console.Out).ConfigureAwait(false);
            return manager + smdp == 0 ? 0 : 1;
        });
        return command;
    }
}
