using OpenEim.Storage.Secrets;

namespace OpenEim.Smdp.Profiles;

/// <summary>Seals what holds subscribers' keys before it reaches the database. The names bind each value to its row.</summary>
internal sealed class PackageVault(MasterKey masterKey)
{
    public byte[] SealTemplate(string profileType, ReadOnlySpan<byte> template) => masterKey.Protect($"template {profileType}", template);

    /// <summary>The caller wipes the bytes.</summary>
    public byte[] OpenTemplate(string profileType, byte[] value) => masterKey.Unprotect($"template {profileType}", value);

    public byte[] SealPackage(string iccid, ReadOnlySpan<byte> package) => masterKey.Protect($"package {iccid}", package);

    /// <summary>The caller wipes the bytes.</summary>
    public byte[] OpenPackage(string iccid, byte[] value) => masterKey.Unprotect($"package {iccid}", value);

    public byte[] SealConfirmationCode(string iccid, ReadOnlySpan<byte> hash) => masterKey.Protect($"confirmation code {iccid}", hash);

    public byte[] OpenConfirmationCode(string iccid, byte[] value) => masterKey.Unprotect($"confirmation code {iccid}", value);
}
