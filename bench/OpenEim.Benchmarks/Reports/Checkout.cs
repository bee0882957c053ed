namespace OpenEim.Benchmarks.Reports;

/// <summary>The checkout that this program was built in.</summary>
internal static class Checkout
{
    /// <summary>Its folder.</summary>
    /// <exception cref="InvalidOperationException">The program runs outside of it.</exception>
    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "OpenEim.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The report is measured in a checkout of the sources; name --output elsewhere.");
    }
}
