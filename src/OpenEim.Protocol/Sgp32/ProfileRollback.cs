using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp32;

/// <summary>
/// The ES10b requests that carry a refresh flag only: ImmediateEnable BF5A (SGP.32 5.9.15), ProfileRollback BF58 (5.9.16),
/// ExecuteFallbackMechanism BF5D (5.9.20), ReturnFromFallback BF5E (5.9.21), EnableEmergencyProfile BF5B (5.9.22) and
/// DisableEmergencyProfile BF5C (5.9.23).
/// </summary>
/// <param name="Function">The outer tag.</param>
/// <param name="RefreshFlag">80 (01 is accepted): whether the card shall ask for a REFRESH.</param>
public sealed record RefreshRequest(uint Function, bool RefreshFlag) : IBerMessage<RefreshRequest>
{
    /// <inheritdoc/>
    public static RefreshRequest Decode(ref BerReader reader)
    {
        var function = reader.PeekTag();
        if (function is not (Sgp32Tags.ProfileRollback or Sgp32Tags.ImmediateEnable or Sgp32Tags.EnableEmergencyProfile
            or Sgp32Tags.DisableEmergencyProfile or Sgp32Tags.ExecuteFallbackMechanism or Sgp32Tags.ReturnFromFallback))
        {
            throw BerReader.Unexpected(function);
        }

        var inner = reader.ReadConstructed(function);
        var request = new RefreshRequest(function, inner.ReadBoolean(inner.NextIs(0x01) ? 0x01u : 0x80u));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Function))
        {
            writer.Boolean(0x80, RefreshFlag);
        }
    }
}

/// <summary>
/// The ES10b answers that are one code under 80: BF5A (SGP.32 5.9.15), BF59 (5.9.17), BF5D (5.9.20), BF5E (5.9.21),
/// BF5B (5.9.22), BF5C (5.9.23) and BF65 (5.9.25).
/// </summary>
public sealed record CodeResponse(uint Function, int Code) : IBerMessage<CodeResponse>
{
    /// <inheritdoc/>
    public static CodeResponse Decode(ref BerReader reader)
    {
        var function = reader.PeekTag();
        if (function is not (Sgp32Tags.ConfigureImmediateProfileEnabling or Sgp32Tags.ImmediateEnable or Sgp32Tags.EnableEmergencyProfile
            or Sgp32Tags.DisableEmergencyProfile or Sgp32Tags.ExecuteFallbackMechanism or Sgp32Tags.ReturnFromFallback
            or Sgp32Tags.SetDefaultDpAddress))
        {
            throw BerReader.Unexpected(function);
        }

        var inner = reader.ReadConstructed(function);
        var response = new CodeResponse(function, inner.ReadInt32(inner.NextIs(0x02) ? 0x02u : 0x80u));
        inner.SkipUnknown();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Function))
        {
            writer.Integer(0x80, Code);
        }
    }
}

/// <summary>ES10b ProfileRollbackResponse, tag BF58 (SGP.32 5.9.16).</summary>
/// <param name="Result">02.</param>
/// <param name="PackageResult">BF51: the new result that replaces the pending one.</param>
public sealed record ProfileRollbackResponse(ProfileRollbackResult Result, EuiccPackageResult? PackageResult) : IBerMessage<ProfileRollbackResponse>
{
    /// <inheritdoc/>
    public static ProfileRollbackResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.ProfileRollback);
        var result = (ProfileRollbackResult)inner.ReadInt32();
        var package = inner.NextIs(Sgp32Tags.EuiccPackageResult) ? EuiccPackageResult.Decode(ref inner) : null;
        inner.SkipUnknown();
        return new ProfileRollbackResponse(result, package);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.ProfileRollback))
        {
            writer.Integer(0x02, (int)Result);
            PackageResult?.Encode(writer);
        }
    }
}

/// <summary>ES10b ConfigureImmediateProfileEnablingRequest, tag BF59 (SGP.32 5.9.17).</summary>
public sealed record ConfigureImmediateProfileEnablingRequest(bool Enable, ReadOnlyMemory<byte>? SmdpOid = null, string? SmdpAddress = null)
    : IBerMessage<ConfigureImmediateProfileEnablingRequest>
{
    /// <inheritdoc/>
    public static ConfigureImmediateProfileEnablingRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.ConfigureImmediateProfileEnabling);
        var request = new ConfigureImmediateProfileEnablingRequest(
            inner.TryReadNull(0x80), inner.OptionalValue(0x81, 1, 64), inner.TryReadUtf8(0x82, 255));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.ConfigureImmediateProfileEnabling))
        {
            writer.OptionalNull(0x80, Enable);
            writer.OptionalOctets(0x81, SmdpOid);
            writer.OptionalUtf8(0x82, SmdpAddress);
        }
    }
}
