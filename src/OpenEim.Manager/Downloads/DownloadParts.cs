using OpenEim.Manager.Secrets;
using OpenEim.Manager.Smdps;

namespace OpenEim.Manager.Downloads;

/// <summary>What downloads need beside the database.</summary>
/// <param name="Secrets">Reads the activation codes.</param>
/// <param name="Es9Plus">Speaks to SM-DP+s.</param>
public sealed record DownloadParts(DownloadSecrets Secrets, Es9PlusClient Es9Plus);
