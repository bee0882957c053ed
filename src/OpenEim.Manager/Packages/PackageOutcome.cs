using OpenEim.Manager.Operations;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Packages;

/// <summary>A signed result held against the package that it answers: which commands were done, and what went wrong.</summary>
/// <param name="Done">The commands that succeeded, in order, each with its result.</param>
/// <param name="Error">Why not all of them did; null on success.</param>
/// <param name="RolledBack">Whether an enable was undone because the new profile had no network.</param>
internal sealed record PackageOutcome(
    IReadOnlyList<(Psmo Command, EuiccResultData Result)> Done, OperationError? Error, bool RolledBack)
{
    private const uint FallbackAttribute = 0x9F26;

    public static PackageOutcome Of(IReadOnlyList<Psmo> commands, IReadOnlyList<EuiccResultData> results)
    {
        var done = new List<(Psmo, EuiccResultData)>();
        OperationError? error = null;
        var rolledBack = false;
        var next = 0;
        foreach (var result in results)
        {
            switch (result)
            {
                case CommandResult { Command: EuiccCommand.Rollback } rollback:
                    rolledBack = rollback.Code == 0;
                    error = rolledBack ? OperationError.RolledBack : OperationError.FromCommand(rollback.Command, rollback.Code);
                    break;
                case CommandResult { Command: EuiccCommand.ProcessingTerminated } terminated:
                    error ??= OperationError.FromCommand(terminated.Command, terminated.Code);
                    break;
                case UnreadableResult unreadable:
                    error ??= OperationError.Unreadable(unreadable.Reason);
                    next = Math.Min(next + 1, commands.Count);
                    break;
                default:
                    if (next == commands.Count || !Answers(commands[next], result))
                    {
                        error ??= OperationError.Incomplete;
                        break;
                    }

                    if (ErrorOf(result) is { } failure)
                    {
                        error ??= failure;
                    }
                    else
                    {
                        done.Add((commands[next], WithDefaults(commands[next], result)));
                    }

                    next++;
                    break;
            }
        }

        return new PackageOutcome(done, error ?? (next < commands.Count ? OperationError.Incomplete : null), rolledBack);
    }

    /// <summary>Fills in what the eUICC says by leaving it out: a fallback attribute that was asked for and is absent is FALSE. One that cannot be read says nothing.</summary>
    private static EuiccResultData WithDefaults(Psmo command, EuiccResultData result) =>
        (command, result) is (ListProfileInfo { Request.TagList: { } tags }, ProfileInfoListResult { Response: { Profiles: { } profiles } list })
            && IpaEuiccDataTag.Parse(tags.Span).Contains(FallbackAttribute)
            ? new ProfileInfoListResult(list with { Profiles = [.. profiles.Select(WithDefaults)] })
            : result;

    private static ProfileInfo WithDefaults(ProfileInfo profile) =>
        profile.FallbackAttribute is null && !profile.Unreadable.Any(value => value.Tag == FallbackAttribute)
            ? profile with { FallbackAttribute = false }
            : profile;

    private static bool Answers(Psmo command, EuiccResultData result) => (command, result) switch
    {
        (EnableProfile, CommandResult { Command: EuiccCommand.Enable }) => true,
        (DisableProfile, CommandResult { Command: EuiccCommand.Disable }) => true,
        (DeleteProfile, CommandResult { Command: EuiccCommand.Delete }) => true,
        (SetFallbackAttribute, CommandResult { Command: EuiccCommand.SetFallbackAttribute }) => true,
        (UnsetFallbackAttribute, CommandResult { Command: EuiccCommand.UnsetFallbackAttribute }) => true,
        (ListProfileInfo, ProfileInfoListResult) => true,
        _ => false,
    };

    private static OperationError? ErrorOf(EuiccResultData result) => result switch
    {
        CommandResult { Code: not 0 } failed => OperationError.FromCommand(failed.Command, failed.Code),
        ProfileInfoListResult { Response.Error: { } error } => OperationError.FromProfileList(error),
        _ => null,
    };
}
