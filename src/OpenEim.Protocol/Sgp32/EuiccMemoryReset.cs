using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp32;

/// <summary>What a memory reset shall remove.</summary>
[Flags]
public enum ResetOptions
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Operational profiles.</summary>
    DeleteOperationalProfiles = 1,

    /// <summary>Test profiles loaded in the field.</summary>
    DeleteFieldLoadedTestProfiles = 2,

    /// <summary>The default SM-DP+ address.</summary>
    ResetDefaultSmdpAddress = 4,

    /// <summary>Test profiles loaded at manufacture.</summary>
    DeletePreLoadedTestProfiles = 8,

    /// <summary>Provisioning profiles.</summary>
    DeleteProvisioningProfiles = 16,

    /// <summary>The eIMs.</summary>
    ResetEimConfigData = 32,

    /// <summary>The immediate enable configuration.</summary>
    ResetImmediateEnableConfig = 64,
}

/// <summary>ES10b EuiccMemoryResetRequest, tag BF64 (SGP.32 5.9.5).</summary>
public sealed record EuiccMemoryResetRequest(ResetOptions Options) : IBerMessage<EuiccMemoryResetRequest>
{
    /// <inheritdoc/>
    public static EuiccMemoryResetRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.EuiccMemoryReset);
        var request = new EuiccMemoryResetRequest((ResetOptions)inner.ReadNamedBits(0x82));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.EuiccMemoryReset))
        {
            writer.NamedBits(0x82, (uint)Options);
        }
    }
}

/// <summary>ES10b EuiccMemoryResetResponse, tag BF64 (SGP.32 5.9.5).</summary>
/// <param name="Result">80: 0 ok, 1 nothingToDelete, 5 catBusy, 104 ecallActive, 127.</param>
/// <param name="EimResult">81: 0 ok, 1 nothingToDelete, 2 not supported, 127.</param>
/// <param name="ImmediateEnableResult">82: 0 ok, 1 not supported, 127.</param>
public sealed record EuiccMemoryResetResponse(int Result, int? EimResult = null, int? ImmediateEnableResult = null) : IBerMessage<EuiccMemoryResetResponse>
{
    /// <inheritdoc/>
    public static EuiccMemoryResetResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.EuiccMemoryReset);
        var response = new EuiccMemoryResetResponse(
            inner.ReadInt32(0x80), (int?)inner.TryReadInteger(0x81), (int?)inner.TryReadInteger(0x82));
        inner.SkipUnknown();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.EuiccMemoryReset))
        {
            writer.Integer(0x80, Result);
            writer.OptionalInteger(0x81, EimResult);
            writer.OptionalInteger(0x82, ImmediateEnableResult);
        }
    }
}

/// <summary>ES10b GetConnectivityParametersResponse, tag BF5F (SGP.32 5.9.24): A0{81 httpParams?}, or 81: 1 parametersNotAvailable, 127.</summary>
public sealed record GetConnectivityParametersResponse(ReadOnlyMemory<byte>? HttpParameters, int? Error = null) : IBerMessage<GetConnectivityParametersResponse>
{
    /// <inheritdoc/>
    public static GetConnectivityParametersResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.GetConnectivityParameters);
        if (inner.NextIs(0x81))
        {
            return new GetConnectivityParametersResponse(null, inner.ReadInt32(0x81));
        }

        var parameters = inner.ReadConstructed(0xA0);
        ReadOnlyMemory<byte>? http = parameters.OptionalValue(0x81, 0, 4096);
        parameters.SkipUnknown();
        return new GetConnectivityParametersResponse(http);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.GetConnectivityParameters))
        {
            if (Error is { } error)
            {
                writer.Integer(0x81, error);
                return;
            }

            using (writer.Constructed(0xA0))
            {
                writer.OptionalOctets(0x81, HttpParameters);
            }
        }
    }
}

/// <summary>ISDRProprietaryApplicationTemplateIoT, tag E1 in the FCI of the ISD-R (SGP.32 5.9.1).</summary>
/// <param name="IpaeSupported">80 bit 0.</param>
/// <param name="EnabledProfile">80 bit 1: a profile is enabled.</param>
public sealed record IsdrTemplateIot(bool IpaeSupported, bool EnabledProfile) : IBerMessage<IsdrTemplateIot>
{
    /// <inheritdoc/>
    public static IsdrTemplateIot Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.IsdrTemplateIot);
        var bits = inner.ReadNamedBits(0x80);
        inner.SkipUnknown();
        return new IsdrTemplateIot((bits & 1) != 0, (bits & 2) != 0);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.IsdrTemplateIot))
        {
            writer.NamedBits(0x80, (IpaeSupported ? 1u : 0) | (EnabledProfile ? 2u : 0));
        }
    }
}

/// <summary>ES10b IpaeActivationRequest, tag BF42 (SGP.32 5.9.1).</summary>
public sealed record IpaeActivationRequest(bool ActivateIpae) : IBerMessage<IpaeActivationRequest>
{
    /// <inheritdoc/>
    public static IpaeActivationRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.IpaeActivation);
        var request = new IpaeActivationRequest((inner.ReadNamedBits(0x80) & 1) != 0);
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.IpaeActivation))
        {
            writer.NamedBits(0x80, ActivateIpae ? 1u : 0);
        }
    }
}

/// <summary>ES10b IpaeActivationResponse, tag BF42 (SGP.32 5.9.1): 0 ok, 1 notSupported.</summary>
public sealed record IpaeActivationResponse(int Result) : IBerMessage<IpaeActivationResponse>
{
    /// <inheritdoc/>
    public static IpaeActivationResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.IpaeActivation);
        var response = new IpaeActivationResponse(inner.ReadInt32(0x80));
        inner.SkipUnknown();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.IpaeActivation))
        {
            writer.Integer(0x80, Result);
        }
    }
}
