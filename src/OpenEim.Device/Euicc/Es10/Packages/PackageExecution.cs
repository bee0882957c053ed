using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Packages;

/// <summary>The work on one accepted package: the state as its commands change it, and their results. Nothing is written here.</summary>
internal sealed class PackageExecution(EuiccIdentity identity, EuiccState accepted)
{
    /// <summary>The longest list of results, in bytes.</summary>
    public const int MaxResultsLength = 8 * 1024;

    private readonly List<byte[]> _results = [];
    private readonly List<(StoredProfile Profile, NotificationEvents Happened)> _events = [];
    private int _length;

    /// <summary>What the factory gave the card.</summary>
    public EuiccIdentity Identity => identity;

    /// <summary>The state so far.</summary>
    public EuiccState State { get; set; } = accepted;

    /// <summary>The profile that was enabled when the package came.</summary>
    public StoredProfile? EnabledBefore { get; } = accepted.EnabledProfile();

    /// <summary>Whether a command of the package has enabled a profile.</summary>
    public bool HasEnabled { get; set; }

    /// <summary>Whether a command of the package has disabled a profile.</summary>
    public bool HasDisabled { get; set; }

    /// <summary>The profile to go back to, once an enable with rollback has succeeded.</summary>
    public string? RollbackIccid { get; set; }

    /// <summary>Whether the list of profiles is changing, so that it cannot be told.</summary>
    public bool IsProfileChangeOngoing => _events.Count > 0;

    /// <summary>The results, each encoded.</summary>
    public IReadOnlyList<byte[]> Results => _results;

    /// <summary>What happened to the profiles, in order.</summary>
    public IReadOnlyList<(StoredProfile Profile, NotificationEvents Happened)> Events => _events;

    /// <summary>Runs the commands in order up to the first failure; there is no result for what comes after it.</summary>
    public void Run(EuiccPackage package)
    {
        var commands = package.Psmos is { } psmos
            ? psmos.Select(psmo => PsmoCommands.Run(this, psmo))
            : package.Ecos!.Select(eco => EcoCommands.Run(this, eco));

        // The sequence is lazy: a command that follows a failure is not run.
        if (commands.All(Add) && !package.ParsedWhole)
        {
            Terminate(ProcessingTerminated.UnknownOrDamagedCommand);
        }
    }

    /// <summary>Notes what happened to a profile.</summary>
    public void Note(StoredProfile profile, NotificationEvents happened) => _events.Add((profile, happened));

    /// <summary>Adds a result.</summary>
    /// <returns>Whether the next command may run.</returns>
    private bool Add(EuiccResultData result)
    {
        var encoded = result.Encode();

        // Only lists can be long, and a list changes nothing, so nothing is done that the result does not tell.
        if (result is not CommandResult && _length + encoded.Length > MaxResultsLength)
        {
            Terminate(ProcessingTerminated.ResultSizeOverflow);
            return false;
        }

        _results.Add(encoded);
        _length += encoded.Length;
        return Succeeded(result);
    }

    private void Terminate(ProcessingTerminated reason) =>
        _results.Add(new CommandResult(EuiccCommand.ProcessingTerminated, (int)reason).Encode());

    private static bool Succeeded(EuiccResultData result) => result switch
    {
        // The last eIM is deleted as it was asked for: the code is a remark.
        CommandResult { Command: EuiccCommand.DeleteEim, Code: (int)DeleteEimResult.LastEimDeleted } => true,
        CommandResult command => command.Code == 0,
        AddEimResult add => add.Code is null or AddEimResultCode.Ok,
        ProfileInfoListResult list => list.Response.Error is null,
        _ => true,
    };
}
