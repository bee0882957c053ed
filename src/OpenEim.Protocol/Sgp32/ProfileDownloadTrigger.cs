using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32;

/// <summary>ProfileDownloadTriggerRequest, tag BF54 (SGP.32 2.11.1.3): at most one of the three ways is set.</summary>
/// <param name="ActivationCode">A0{80}: at most 255 characters.</param>
/// <param name="ContactDefaultSmdp">A0{81}.</param>
/// <param name="ContactSmds">A0{A2}.</param>
/// <param name="SmdsAddress">The SM-DS to contact; null for the root one.</param>
/// <param name="TransactionId">82: the eIM's transaction.</param>
public sealed record ProfileDownloadTriggerRequest(
    string? ActivationCode = null,
    bool ContactDefaultSmdp = false,
    bool ContactSmds = false,
    string? SmdsAddress = null,
    TransactionId? TransactionId = null) : IBerMessage<ProfileDownloadTriggerRequest>
{
    /// <inheritdoc/>
    public static ProfileDownloadTriggerRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.ProfileDownloadTriggerRequest);
        var request = new ProfileDownloadTriggerRequest();
        if (inner.TryReadConstructed(0xA0, out var data))
        {
            request = data.PeekTag() switch
            {
                0x80 => request with { ActivationCode = data.ReadUtf8(0x80, 0, 255) },
                0x81 => request with { ContactDefaultSmdp = data.TryReadNull(0x81) },
                0xA2 => ReadSmds(request, data.ReadConstructed(0xA2)),
                var tag => throw BerReader.Unexpected(tag),
            };
        }

        request = request with { TransactionId = inner.TryReadTransactionId(0x82) };
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.ProfileDownloadTriggerRequest))
        {
            if (ActivationCode is not null || ContactDefaultSmdp || ContactSmds)
            {
                using (writer.Constructed(0xA0))
                {
                    EncodeData(writer);
                }
            }

            writer.Transaction(0x82, TransactionId);
        }
    }

    /// <summary>Prints without the activation code, which is a secret.</summary>
    public override string ToString() => $"ProfileDownloadTriggerRequest {{ TransactionId = {TransactionId} }}";

    private static ProfileDownloadTriggerRequest ReadSmds(ProfileDownloadTriggerRequest request, BerReader smds) =>
        request with { ContactSmds = true, SmdsAddress = smds.TryReadUtf8(0x0C, 255) ?? smds.TryReadUtf8(0x80, 255) };

    private void EncodeData(AsnWriter writer)
    {
        if (ActivationCode is not null)
        {
            writer.Utf8(0x80, ActivationCode);
        }
        else if (ContactDefaultSmdp)
        {
            writer.OptionalNull(0x81, true);
        }
        else
        {
            using (writer.Constructed(0xA2))
            {
                writer.OptionalUtf8(0x80, SmdsAddress);
            }
        }
    }
}

/// <summary>ProfileDownloadTriggerResult, tag BF54 (SGP.32 2.11.2): the installation's result, or why there was none.</summary>
/// <param name="TransactionId">82: the eIM's transaction.</param>
/// <param name="InstallationResult">BF37, signed by the eUICC.</param>
/// <param name="ErrorReason">30{80}: 104 ecallActive, 127 undefined; 127 too where it cannot be read.</param>
/// <param name="ErrorResponse">30{04}: what the SM-DP+ or the eUICC answered.</param>
public sealed record ProfileDownloadTriggerResult(
    TransactionId? TransactionId,
    ProfileInstallationResult? InstallationResult,
    int? ErrorReason = null,
    ReadOnlyMemory<byte>? ErrorResponse = null) : IBerMessage<ProfileDownloadTriggerResult>
{
    /// <inheritdoc/>
    public static ProfileDownloadTriggerResult Decode(ref BerReader reader)
    {
        var fields = new ContentReader(reader.ReadConstructed(Sgp32Tags.ProfileDownloadTriggerResult), new UnreadableValues());
        var result = new ProfileDownloadTriggerResult(null, null);
        var isThere = false;
        while (fields.Read())
        {
            switch (fields.Tag)
            {
                case 0x82:
                    result = result with { TransactionId = fields.TransactionId() };
                    break;
                case Sgp22Tags.ProfileInstallationResult:
                    isThere = true;
                    result = result with { InstallationResult = ProfileInstallationResult.Parse(fields.Encoded) };
                    break;
                case 0x30:
                    isThere = true;
                    result = result.WithError(fields.Inside());
                    break;
            }
        }

        return isThere ? result : throw new ProtocolException("a ProfileDownloadTriggerResult holds neither a result nor an error");
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.ProfileDownloadTriggerResult))
        {
            writer.Transaction(0x82, TransactionId);
            if (InstallationResult is not null)
            {
                InstallationResult.Encode(writer);
                return;
            }

            using (writer.Constructed(0x30))
            {
                writer.Integer(0x80, ErrorReason ?? 127);
                writer.OptionalOctets(0x04, ErrorResponse);
            }
        }
    }

    private ProfileDownloadTriggerResult WithError(ContentReader fields)
    {
        var result = this with { ErrorReason = 127 };
        while (fields.Read())
        {
            result = fields.Tag switch
            {
                0x80 => result with { ErrorReason = fields.Int32() ?? 127 },
                0x04 => result with { ErrorResponse = fields.Bytes() },
                _ => result,
            };
        }

        return result;
    }
}
