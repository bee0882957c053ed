using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32;

/// <summary>IpaFeatures.</summary>
[Flags]
public enum IpaFeatures
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Downloads straight from the SM-DP+.</summary>
    DirectRspServerCommunication = 1,

    /// <summary>Downloads through the eIM.</summary>
    IndirectRspServerCommunication = 2,

    /// <summary>The eIM may handle the download's data.</summary>
    EimDownloadDataHandling = 4,

    /// <summary>The eIM may make ctxParams1.</summary>
    EimCtxParams1Generation = 8,

    /// <summary>The eIM may verify the profile metadata.</summary>
    EimProfileMetadataVerification = 16,

    /// <summary>Compact structures on ESipa.</summary>
    MinimizeEsipaBytes = 32,
}

/// <summary>IpaCapabilities, tag A8.</summary>
/// <param name="Features">80.</param>
/// <param name="Protocols">81: the same bits as <see cref="EimSupportedProtocols"/>.</param>
public sealed record IpaCapabilities(IpaFeatures Features, EimSupportedProtocols? Protocols = null)
{
    internal static IpaCapabilities Read(BerReader inner)
    {
        var capabilities = new IpaCapabilities(
            (IpaFeatures)inner.ReadNamedBits(0x80), (EimSupportedProtocols?)inner.TryReadNamedBits(0x81));
        inner.SkipUnknown();
        return capabilities;
    }

    /// <summary>The TLV under A8.</summary>
    public byte[] Encoded() => BerWriting.Encode(writer => Write(writer, 0xA8));

    internal void Write(AsnWriter writer, uint tag)
    {
        using (writer.Constructed(tag))
        {
            writer.NamedBits(0x80, (uint)Features);
            writer.OptionalNamedBits(0x81, (uint?)Protocols);
        }
    }
}

/// <summary>IpaEuiccDataResponse, tag BF52: data (A0) or an error (A1). Nothing in it is signed but what its parts carry.</summary>
public abstract record IpaEuiccDataResponse : IBerMessage<IpaEuiccDataResponse>
{
    private protected IpaEuiccDataResponse()
    {
    }

    /// <summary>The eIM's transaction.</summary>
    public TransactionId? TransactionId { get; init; }

    /// <summary>The whole TLV as received; empty when this was not received.</summary>
    public ReadOnlyMemory<byte> Received { get; private init; }

    /// <inheritdoc/>
    /// <remarks>Cards and IPAs send the arm or a bare SEQUENCE; an INTEGER inside tells an error.</remarks>
    public static IpaEuiccDataResponse Decode(ref BerReader reader)
    {
        var received = reader.ReadEncoded(0xBF52);
        var outer = new BerReader(received).Inside(0xBF52);
        var tag = outer.PeekTag();
        if (tag is not (0xA0 or 0xA1 or 0x30))
        {
            throw BerReader.Unexpected(tag);
        }

        var arm = outer.ReadConstructed(tag);
        outer.ThrowIfNotEmpty();
        IpaEuiccDataResponse response = tag == 0xA1 || (tag == 0x30 && IpaEuiccDataError.Fits(arm))
            ? IpaEuiccDataError.Read(arm)
            : IpaEuiccData.Read(arm);
        return response with { Received = received };
    }

    /// <inheritdoc/>
    public abstract void Encode(AsnWriter writer);
}

/// <summary>IpaEuiccDataResponseError.</summary>
public sealed record IpaEuiccDataError(IpaEuiccDataErrorCode Code) : IpaEuiccDataResponse
{
    /// <inheritdoc/>
    public override void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xBF52))
        using (writer.Constructed(0xA1))
        {
            writer.Transaction(0x80, TransactionId);
            writer.Integer(0x02, (int)Code);
        }
    }

    internal static bool Fits(BerReader arm)
    {
        arm.TryReadValue(0x80, out _);
        return arm.NextIs(0x02);
    }

    internal static IpaEuiccDataError Read(BerReader arm)
    {
        var transactionId = arm.TryReadTransactionId(0x80);
        var error = new IpaEuiccDataError((IpaEuiccDataErrorCode)arm.ReadInt32()) { TransactionId = transactionId };
        arm.SkipUnknown();
        return error;
    }
}

/// <summary>IpaEuiccData: what was asked for, as far as it is there.</summary>
public sealed record IpaEuiccData : IpaEuiccDataResponse
{
    /// <summary>A0.</summary>
    public IReadOnlyList<PendingNotification>? Notifications { get; init; }

    /// <summary>81.</summary>
    public string? DefaultSmdpAddress { get; init; }

    /// <summary>A2.</summary>
    public IReadOnlyList<EuiccPackageResult>? PackageResults { get; init; }

    /// <summary>BF20, the whole TLV.</summary>
    public ReadOnlyMemory<byte>? EuiccInfo1 { get; init; }

    /// <summary>BF22, the whole TLV.</summary>
    public ReadOnlyMemory<byte>? EuiccInfo2 { get; init; }

    /// <summary>83.</summary>
    public string? RootSmdsAddress { get; init; }

    /// <summary>84.</summary>
    public long? AssociationToken { get; init; }

    /// <summary>A5, as an ordinary DER certificate.</summary>
    public ReadOnlyMemory<byte>? EumCertificate { get; init; }

    /// <summary>A6, as an ordinary DER certificate.</summary>
    public ReadOnlyMemory<byte>? EuiccCertificate { get; init; }

    /// <summary>A8.</summary>
    public IpaCapabilities? IpaCapabilities { get; init; }

    /// <summary>A9: DeviceInfo, the value bytes.</summary>
    public ReadOnlyMemory<byte>? DeviceInfo { get; init; }

    /// <inheritdoc/>
    public override void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xBF52))
        using (writer.Constructed(0xA0))
        {
            EncodeList(writer, 0xA0, Notifications);
            writer.OptionalUtf8(0x81, DefaultSmdpAddress);
            EncodeList(writer, 0xA2, PackageResults);
            EncodeRaw(writer, EuiccInfo1);
            EncodeRaw(writer, EuiccInfo2);
            writer.OptionalUtf8(0x83, RootSmdsAddress);
            writer.OptionalInteger(0x84, AssociationToken);
            EncodeCertificate(writer, 0xA5, EumCertificate);
            EncodeCertificate(writer, 0xA6, EuiccCertificate);
            writer.Transaction(0x87, TransactionId);
            IpaCapabilities?.Write(writer, 0xA8);
            if (DeviceInfo is { } device)
            {
                using (writer.Constructed(0xA9))
                {
                    writer.Raw(device.Span);
                }
            }
        }
    }

    internal static IpaEuiccData Read(BerReader arm)
    {
        var data = new IpaEuiccData();
        while (arm.HasData)
        {
            data = data.With(ref arm);
        }

        return data;
    }

    private IpaEuiccData With(ref BerReader arm)
    {
        switch (arm.PeekTag())
        {
            case 0xA0:
                var notifications = arm.ReadConstructed(0xA0);
                return this with { Notifications = PendingNotification.DecodeAll(ref notifications, EimPackageResult.MaxParts) };
            case 0x81: return this with { DefaultSmdpAddress = arm.ReadUtf8(0x81, 0, 255) };
            case 0xA2: return this with { PackageResults = DecodeResults(arm.ReadConstructed(0xA2)) };
            case 0xBF20: return this with { EuiccInfo1 = arm.ReadEncoded(0xBF20) };
            case 0xBF22: return this with { EuiccInfo2 = arm.ReadEncoded(0xBF22) };
            case 0x83: return this with { RootSmdsAddress = arm.ReadUtf8(0x83, 0, 255) };
            case 0x84: return this with { AssociationToken = arm.ReadInteger(0x84) };
            case 0xA5: return this with { EumCertificate = CertificateField.Read(ref arm, 0xA5) };
            case 0xA6: return this with { EuiccCertificate = CertificateField.Read(ref arm, 0xA6) };
            case 0x87: return this with { TransactionId = arm.ReadTransactionId(0x87) };
            case 0xA8: return this with { IpaCapabilities = IpaCapabilities.Read(arm.ReadConstructed(0xA8)) };
            case 0xA9: return this with { DeviceInfo = arm.ReadValue(0xA9) };
            default:
                arm.ReadEncoded(out _);
                return this;
        }
    }

    private static List<EuiccPackageResult> DecodeResults(BerReader list)
    {
        var results = new List<EuiccPackageResult>();
        while (list.HasData)
        {
            if (results.Count == EimPackageResult.MaxParts)
            {
                throw new ProtocolException($"a message holds more than {EimPackageResult.MaxParts} package results");
            }

            results.Add(EuiccPackageResult.Decode(ref list));
        }

        return results;
    }

    private static void EncodeList(AsnWriter writer, uint tag, IReadOnlyList<IBerMessage>? list)
    {
        if (list is null)
        {
            return;
        }

        using (writer.Constructed(tag))
        {
            foreach (var item in list)
            {
                item.Encode(writer);
            }
        }
    }

    private static void EncodeRaw(AsnWriter writer, ReadOnlyMemory<byte>? encoded)
    {
        if (encoded is { } present)
        {
            writer.Raw(present.Span);
        }
    }

    private static void EncodeCertificate(AsnWriter writer, uint tag, ReadOnlyMemory<byte>? certificate)
    {
        if (certificate is { } present)
        {
            CertificateField.Write(writer, tag, present);
        }
    }
}
