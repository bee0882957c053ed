using System.Reflection;

namespace OpenEim.Tests.Storage;

/// <summary>An assembly's schema files as they were before one was added.</summary>
/// <param name="assembly">As it is now.</param>
/// <param name="without">How the resources of that file end, whatever the engine.</param>
internal sealed class OlderSchema(Assembly assembly, string without) : Assembly
{
    public override string[] GetManifestResourceNames() =>
        [.. assembly.GetManifestResourceNames().Where(name => !name.EndsWith(without, StringComparison.Ordinal))];

    public override Stream? GetManifestResourceStream(string name) => assembly.GetManifestResourceStream(name);

    public override AssemblyName GetName() => assembly.GetName();
}
