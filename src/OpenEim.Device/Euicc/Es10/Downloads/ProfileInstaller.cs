using System.Security.Cryptography;
using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.ProfilePackages;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Downloads;

/// <summary>Decides whether a profile may come onto the card, and puts it there (SGP.22 5.5.3, 5.5.5).</summary>
internal static class ProfileInstaller
{
    /// <summary>A Milenage or TUAK key of a test profile has only its last 16 bits to choose; anybody may know it.</summary>
    private const int FixedTestKeyBytes = 14;

    private const uint HeaderElement = 0xA0;
    private const uint EndElement = 0xAA;
    private const uint IccidTag = 0x83;

    /// <summary>Checks what a profile says of itself.</summary>
    /// <returns>Null when it may come.</returns>
    public static InstallationErrorReason? CheckMetadata(EuiccState state, StoreMetadataRequest metadata)
    {
        if (metadata is not { Iccid: { } iccid, ServiceProviderName: not null, ProfileName: not null, Unreadable.Count: 0 })
        {
            return InstallationErrorReason.IncorrectInputValues;
        }

        if (!Enum.IsDefined(metadata.Class))
        {
            return InstallationErrorReason.UnsupportedProfileClass;
        }

        if (state.FindProfile(iccid) is not null)
        {
            return InstallationErrorReason.IccidAlreadyExists;
        }

        // The card's rules authorisation table is empty, so no rule is authorised; how rules are updated is none.
        return (metadata.PolicyRules & ~ProfilePolicyRules.UpdateControl) is null or ProfilePolicyRules.None
            ? null
            : InstallationErrorReason.PprNotAllowed;
    }

    /// <summary>Installs a package that has come whole, or says why not.</summary>
    /// <returns>BF37.</returns>
    public static byte[] Install(EuiccCore core, AuthenticatedServer server, BoundProfileLoading loading)
    {
        var metadata = loading.Metadata!;
        var package = loading.Package;
        if (CheckPackage(metadata, package) is { } reason)
        {
            CryptographicOperations.ZeroMemory(package);
            return InstallationCompletion.Fail(
                core, server, new InstallationFinalResult.Failure(BppCommandId.LoadProfileElements, reason));
        }

        var profile = new StoredProfile
        {
            Iccid = metadata.Iccid!.Value.ToString(),
            IsdpAid = IsdpAid.Next(core.State),
            ServiceProviderName = metadata.ServiceProviderName!,
            Name = metadata.ProfileName!,
            Class = metadata.Class,
            Owner = metadata.Owner?.ToBytes(),
            IconType = metadata.IconType,
            Icon = metadata.Icon?.ToArray(),
            Package = package,
            PolicyRules = metadata.PolicyRules ?? ProfilePolicyRules.None,
            FallbackAllowed = metadata.FallbackAllowed ?? false,
            IotMetadata = core.Identity.IsV13 ? metadata.IotSpecific?.ToArray() : null,
            Notifications = [.. metadata.NotificationConfigurations ?? []],
        };
        return InstallationCompletion.Succeed(core, server, profile);
    }

    /// <summary>The frame of the package and the identity of the profile. What the elements hold is the operator's business: nobody runs them here.</summary>
    private static InstallationErrorReason? CheckPackage(StoreMetadataRequest metadata, byte[] package)
    {
        try
        {
            if (!ReadIccid(package).Span.SequenceEqual(InDigitOrder(metadata.Iccid!.Value)))
            {
                return InstallationErrorReason.DataMismatch;
            }

            return metadata.Class == ProfileClass.Test && !HasTestKey(package) ? InstallationErrorReason.TestProfileInvalidNaaKey : null;
        }
        catch (ProtocolException)
        {
            // The card cannot work with it: the standard's answer says so.
            return InstallationErrorReason.PeProcessingError;
        }
    }

    /// <summary>The ICCID of the header, tag 83; the header comes first, the end last.</summary>
    private static ReadOnlyMemory<byte> ReadIccid(byte[] package)
    {
        var elements = new BerReader(package);
        var header = elements.ReadConstructed(HeaderElement);
        ReadOnlyMemory<byte> iccid = default;
        while (header.HasData)
        {
            if (header.NextIs(IccidTag))
            {
                iccid = header.ReadValue(IccidTag, Iccid.ByteLength, Iccid.ByteLength);
            }
            else
            {
                header.ReadEncoded(out _);
            }
        }

        var last = HeaderElement;
        while (elements.HasData)
        {
            elements.ReadEncoded(out last);
        }

        return last == EndElement ? iccid : throw new ProtocolException("a profile package ends with its end element");
    }

    private static bool HasTestKey(byte[] package)
    {
        using var template = ProfileTemplate.Parse(package);
        using var subscriber = template.ReadSubscriber();
        return subscriber.Algorithm == AkaAlgorithm.UsimTestAlgorithm || !subscriber.Key[..FixedTestKeyBytes].ContainsAnyExcept((byte)0);
    }

    /// <summary>The header has the digits in order, everything else has its nibbles swapped.</summary>
    private static byte[] InDigitOrder(Iccid iccid) => [.. iccid.ToBytes().Select(octet => (byte)((octet << 4) | (octet >> 4)))];
}
