using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Eims;

/// <summary>The rules by which a card takes an eIM, changes it and forgets it (SGP.32 3.7.1, 2.11.1.1.1).</summary>
internal static class EimAssociation
{
    /// <summary>How many eIMs the card has room for.</summary>
    public const int MaxEims = 5;

    /// <summary>The highest counter.</summary>
    public const long MaxCounter = 8_388_607;

    /// <summary>The association token that asks the card to allocate one.</summary>
    private const long Allocate = -1;

    /// <summary>What came of adding an eIM: the next state and the token allocated, or an error.</summary>
    public readonly record struct Outcome(EuiccState? State, long? Token, AddEimResultCode Error);

    /// <summary>Adds an eIM.</summary>
    public static Outcome Add(EuiccState state, EimConfigurationData data)
    {
        if (ReadKey(data.EimPublicKeyData) is not { } key || data.CounterValue is not { } counter)
        {
            return Refused(AddEimResultCode.CommandError);
        }

        if (state.FindEim(data.EimId) is not null)
        {
            return Refused(AddEimResultCode.AssociatedEimAlreadyExists);
        }

        if (!KnowsCi(state, data))
        {
            return Refused(AddEimResultCode.CiPkUnknown);
        }

        if (data.AssociationToken is not (null or Allocate))
        {
            return Refused(AddEimResultCode.InvalidAssociationToken);
        }

        if (counter is < 0 or > MaxCounter)
        {
            return Refused(AddEimResultCode.CounterValueOutOfRange);
        }

        return state.Eims.Length >= MaxEims ? Refused(AddEimResultCode.InsufficientMemory) : Accept(state, data, key, counter);
    }

    /// <summary>Changes an eIM: the fields given replace the old ones.</summary>
    public static (EuiccState? State, UpdateEimResult Result) Update(EuiccState state, EimConfigurationData data)
    {
        if (state.FindEim(data.EimId) is not { } eim)
        {
            return (null, UpdateEimResult.EimNotFound);
        }

        var key = ReadKey(data.EimPublicKeyData);
        if ((data.EimPublicKeyData is not null && key is null)
            || (data.AssociationToken is { } token && token != eim.AssociationToken))
        {
            return (null, UpdateEimResult.CommandError);
        }

        if (!KnowsCi(state, data))
        {
            return (null, UpdateEimResult.CiPkUnknown);
        }

        var counter = data.CounterValue ?? eim.Counter;
        var hasNewKey = key is not null && !key.AsSpan().SequenceEqual(eim.PublicKey);
        if (counter is < 0 or > MaxCounter || (counter < eim.Counter && !hasNewKey))
        {
            return (null, UpdateEimResult.CounterValueOutOfRange);
        }

        var next = eim with { Configuration = Merge(eim, data), PublicKey = key ?? eim.PublicKey, Counter = counter };
        return (state.WithEim(eim, next), UpdateEimResult.Ok);
    }

    /// <summary>Forgets an eIM. Without the last one the card can be given an eIM by AddInitialEim again.</summary>
    public static (EuiccState? State, DeleteEimResult Result) Delete(EuiccState state, string eimId)
    {
        if (state.FindEim(eimId) is not { } eim)
        {
            return (null, DeleteEimResult.EimNotFound);
        }

        var next = state with { Eims = state.Eims.Remove(eim) };
        return (next, next.Eims.IsEmpty ? DeleteEimResult.LastEimDeleted : DeleteEimResult.Ok);
    }

    /// <summary>The eIM's configuration as it stands, with its counter and token.</summary>
    public static EimConfigurationData Read(StoredEim eim) =>
        Stored(eim) with { CounterValue = eim.Counter, AssociationToken = eim.AssociationToken };

    /// <summary>The id and its type, for listEim.</summary>
    public static EimIdInfo Identify(StoredEim eim) => new(eim.EimId, Stored(eim).EimIdType);

    private static Outcome Accept(EuiccState state, EimConfigurationData data, byte[] key, long counter)
    {
        long? token = data.AssociationToken is null ? null : state.NextAssociationToken;
        var eim = new StoredEim
        {
            EimId = data.EimId,
            Configuration = Encode(data),
            PublicKey = key,
            Counter = counter,
            AssociationToken = token,
        };
        var next = state with
        {
            Eims = state.Eims.Add(eim),
            NextAssociationToken = state.NextAssociationToken + (token is null ? 0 : 1),
        };
        return new Outcome(next, token, AddEimResultCode.Ok);
    }

    private static Outcome Refused(AddEimResultCode error) => new(null, null, error);

    private static bool KnowsCi(EuiccState state, EimConfigurationData data) =>
        data.EuiccCiPkId is not { } id || state.Identity.SigningCiKeyIds.Any(known => id.Span.SequenceEqual(known));

    /// <summary>The SubjectPublicKeyInfo of a key or certificate; null when there is none that the card can use.</summary>
    private static byte[]? ReadKey(EimKeyData? data)
    {
        try
        {
            return data switch
            {
                { PublicKey: { } key } => EcPublicKey.FromSubjectPublicKeyInfo(key.Span).ToSubjectPublicKeyInfo(),
                { Certificate: { } certificate } => RspCertificate.Parse(certificate).PublicKey.ToSubjectPublicKeyInfo(),
                _ => null,
            };
        }
        catch (ProtocolException)
        {
            return null;
        }
    }

    private static byte[] Merge(StoredEim eim, EimConfigurationData data)
    {
        var old = Stored(eim);
        return Encode(old with
        {
            EimFqdn = data.EimFqdn ?? old.EimFqdn,
            EimIdType = data.EimIdType ?? old.EimIdType,
            EimPublicKeyData = data.EimPublicKeyData ?? old.EimPublicKeyData,
            TrustedPublicKeyDataTls = data.TrustedPublicKeyDataTls ?? old.TrustedPublicKeyDataTls,
            SupportedProtocols = data.SupportedProtocols ?? old.SupportedProtocols,
            EuiccCiPkId = data.EuiccCiPkId ?? old.EuiccCiPkId,
            IndirectProfileDownload = data.IndirectProfileDownload || old.IndirectProfileDownload,
        });
    }

    private static byte[] Encode(EimConfigurationData data) => BerWriting.Encode(writer =>
        (data with { CounterValue = null, AssociationToken = null }).Encode(writer, 0x30));

    private static EimConfigurationData Stored(StoredEim eim)
    {
        var reader = new BerReader(eim.Configuration);
        return EimConfigurationData.Decode(ref reader, 0x30);
    }
}
