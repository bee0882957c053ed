using System.Collections.Immutable;
using OpenEim.Device.Euicc.Es10.Eims;
using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc;

/// <summary>Makes the first state of a card.</summary>
internal static class Factory
{
    public static EuiccState Make(EuiccManufacture spec)
    {
        Check(spec.Profiles);
        EcPrivateKey.FromPkcs8(spec.PrivateKey.Span).Dispose();
        RspCertificate.Parse(spec.EuiccCertificate);
        ArgumentOutOfRangeException.ThrowIfNegative(spec.MemorySize);
        var state = new EuiccState
        {
            Identity = MakeIdentity(spec),
            Profiles = [.. spec.Profiles.Select(MakeProfile)],
            Eims = [],
            DefaultSmdpAddress = spec.DefaultSmdpAddress,
            Journal = spec.KeepsJournal ? new CardJournal() : null,
        };
        foreach (var eim in spec.Eims)
        {
            var added = EimAssociation.Add(state, eim);
            state = added.State ?? throw new ArgumentException($"eIM {eim.EimId} is refused: {added.Error}", nameof(spec));
        }

        return state;
    }

    private static EuiccIdentity MakeIdentity(EuiccManufacture spec)
    {
        var roots = spec.CiKeyIds.Select(id => id.ToArray()).ToImmutableArray();
        var issuer = RspCertificate.Parse(spec.EumCertificate).AuthorityKeyIdentifier;
        return new EuiccIdentity
        {
            Eid = spec.Eid.ToString(),
            PrivateKey = spec.PrivateKey.ToArray(),
            EuiccCertificate = spec.EuiccCertificate.ToArray(),
            EumCertificate = spec.EumCertificate.ToArray(),
            CiKeyIds = roots,
            CiCertificates = [.. spec.CiCertificates.Select(certificate => RspCertificate.Parse(certificate).Encoded.ToArray())],
            MemorySize = spec.MemorySize,
            SigningCiKeyIds = issuer is { } id ? [id.ToArray()] : roots,
            RootSmdsAddress = spec.RootSmdsAddress,
            IsIot = spec.IsIot,
            SupportsFallback = spec.SupportsFallback && spec.Sgp32 != Sgp32Version.V10,
            Sgp32 = spec.Sgp32,
        };
    }

    private static StoredProfile MakeProfile(ManufacturedProfile profile, int index) =>
        new()
        {
            Iccid = profile.Iccid.ToString(),
            IsdpAid = IsdpAid.Make(index),
            Enabled = profile.State == ProfileState.Enabled,
            ServiceProviderName = profile.ServiceProviderName,
            Name = profile.Name,
            Class = profile.Class,
            PolicyRules = profile.PolicyRules,
            FallbackAllowed = profile.FallbackAllowed,
            FallbackAttribute = profile.FallbackAttribute,
            EcallIndication = profile.EcallIndication,
            IotMetadata = profile.IotMetadata is { } metadata ? metadata.ToArray() : null,
            HttpParameters = profile.HttpParameters is { } parameters ? parameters.ToArray() : null,
            Notifications = [.. profile.NotificationConfigurations],
        };

    private static void Check(IReadOnlyList<ManufacturedProfile> profiles)
    {
        if (profiles.Select(profile => profile.Iccid).Distinct().Count() != profiles.Count)
        {
            throw new ArgumentException("two profiles have the same ICCID");
        }

        if (profiles.Count(profile => profile.State == ProfileState.Enabled) > 1)
        {
            throw new ArgumentException("only one profile can be enabled");
        }

        if (profiles.Count(profile => profile.FallbackAttribute) > 1)
        {
            throw new ArgumentException("only one profile can have the fallback attribute");
        }

        if (profiles.Count(profile => profile.EcallIndication) > 1)
        {
            throw new ArgumentException("only one profile can be the emergency profile");
        }

        if (profiles.Any(profile => profile is { FallbackAttribute: true, FallbackAllowed: false }))
        {
            throw new ArgumentException("a profile has the fallback attribute though its owner does not allow it");
        }
    }
}
