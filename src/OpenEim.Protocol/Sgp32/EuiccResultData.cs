using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32;

/// <summary>EuiccResultData (SGP.32 2.11.2.1), a CHOICE of 83 to 8E, 02, A6, A8, AB, BF2D and BF65: the outcome of one command of a package.</summary>
public abstract record EuiccResultData : IBerMessage<EuiccResultData>
{
    private protected EuiccResultData()
    {
    }

    /// <inheritdoc/>
    /// <remarks>A result whose content cannot be read becomes an <see cref="UnreadableResult"/>.</remarks>
    public static EuiccResultData Decode(ref BerReader reader)
    {
        var encoded = reader.ReadEncoded(out _);
        var field = new ContentReader(new BerReader(encoded), new UnreadableValues());
        field.Read();
        return Of(field);
    }

    /// <inheritdoc/>
    public abstract void Encode(AsnWriter writer);

    /// <summary>Reads all results; where the list cannot be framed any further, what is left becomes one <see cref="UnreadableResult"/>.</summary>
    internal static void ReadAll(ContentReader fields, List<EuiccResultData> results)
    {
        while (fields.Read())
        {
            results.Add(Of(fields));
        }

        if (fields.Broken is { } rest)
        {
            results.Add(new UnreadableResult(rest.Tag, rest.Encoded, rest.Reason));
        }
    }

    /// <summary>Reads the result that is the current field.</summary>
    internal static EuiccResultData Of(ContentReader field)
    {
        try
        {
            return Read(field);
        }
        catch (ProtocolException e)
        {
            field.Report(e.Message);
            return new UnreadableResult(field.Tag, field.Encoded, e.Message);
        }
    }

    private static EuiccResultData Read(ContentReader field)
    {
        var reader = new BerReader(field.Encoded);
        var tag = field.Tag;
        switch (tag)
        {
            case (uint)EuiccCommand.Enable or (uint)EuiccCommand.Disable or (uint)EuiccCommand.Delete
                or (uint)EuiccCommand.ConfigureImmediateEnable or (uint)EuiccCommand.DeleteEim or (uint)EuiccCommand.UpdateEim
                or (uint)EuiccCommand.Rollback or (uint)EuiccCommand.SetFallbackAttribute or (uint)EuiccCommand.UnsetFallbackAttribute
                or (uint)EuiccCommand.ProcessingTerminated:
                return new CommandResult((EuiccCommand)tag, reader.ReadInt32(tag));
            case (uint)EuiccCommand.SetDefaultDpAddress:
                var address = reader.ReadConstructed(tag);
                return new CommandResult(EuiccCommand.SetDefaultDpAddress, ReadCode(ref address));
            case Sgp22Tags.ProfileInfoList:
                var profiles = ProfileInfoListResponse.Decode(ref reader);
                field.Unreadable.AddRange(profiles.Unreadable);
                return new ProfileInfoListResult(profiles);
            case RulesAuthorisationTableResult.Tag: return new RulesAuthorisationTableResult(reader.ReadValue(tag));
            case AddEimResult.Tag: return AddEimResult.Read(reader.ReadConstructed(tag));
            case ListEimResult.Tag: return ListEimResult.Read(field.Inside());
            default: return new UnknownResult(field.Encoded);
        }
    }

    /// <summary>A code that the standard puts under 80 or 81 in one place and under 02 in another; IPAs mix them up.</summary>
    private protected static int ReadCode(ref BerReader inner) =>
        inner.ReadInt32(inner.PeekTag() is var tag && tag is 0x02 or 0x80 or 0x81 ? tag : throw BerReader.Unexpected(tag));
}

/// <summary>The tags of the results that are plain codes.</summary>
public enum EuiccCommand
{
    /// <summary>processingTerminated: <see cref="Sgp32.ProcessingTerminated"/>.</summary>
    ProcessingTerminated = 0x02,

    /// <summary><see cref="EnableProfileResult"/>.</summary>
    Enable = 0x83,

    /// <summary><see cref="DisableProfileResult"/>.</summary>
    Disable = 0x84,

    /// <summary><see cref="DeleteProfileResult"/>.</summary>
    Delete = 0x85,

    /// <summary><see cref="ConfigureImmediateEnableResult"/>.</summary>
    ConfigureImmediateEnable = 0x87,

    /// <summary><see cref="DeleteEimResult"/>.</summary>
    DeleteEim = 0x89,

    /// <summary><see cref="UpdateEimResult"/>.</summary>
    UpdateEim = 0x8A,

    /// <summary><see cref="RollbackProfileResult"/>.</summary>
    Rollback = 0x8C,

    /// <summary><see cref="SetFallbackAttributeResult"/>.</summary>
    SetFallbackAttribute = 0x8D,

    /// <summary><see cref="UnsetFallbackAttributeResult"/>.</summary>
    UnsetFallbackAttribute = 0x8E,

    /// <summary><see cref="SetDefaultDpAddressResult"/>.</summary>
    SetDefaultDpAddress = (int)Sgp32Tags.SetDefaultDpAddress,
}

/// <summary>A result that is a code; 0 is success everywhere but under processingTerminated.</summary>
public sealed record CommandResult(EuiccCommand Command, int Code) : EuiccResultData
{
    /// <inheritdoc/>
    public override void Encode(AsnWriter writer)
    {
        if (Command != EuiccCommand.SetDefaultDpAddress)
        {
            writer.Integer((uint)Command, Code);
            return;
        }

        using (writer.Constructed((uint)Command))
        {
            writer.Integer(0x80, Code);
        }
    }
}

/// <summary>listProfileInfoResult, BF2D.</summary>
public sealed record ProfileInfoListResult(ProfileInfoListResponse Response) : EuiccResultData
{
    /// <inheritdoc/>
    public override void Encode(AsnWriter writer) => Response.Encode(writer);
}

/// <summary>getRATResult, A6: RulesAuthorisationTable.</summary>
/// <param name="Rules">The value: a SEQUENCE OF ProfilePolicyAuthorisationRule, as received.</param>
public sealed record RulesAuthorisationTableResult(ReadOnlyMemory<byte> Rules) : EuiccResultData
{
    internal const uint Tag = 0xA6;

    /// <inheritdoc/>
    public override void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Tag))
        {
            writer.Raw(Rules.Span);
        }
    }
}

/// <summary>addEimResult, A8: the association token allocated, or a code.</summary>
public sealed record AddEimResult(long? AssociationToken, AddEimResultCode? Code) : EuiccResultData
{
    internal const uint Tag = 0xA8;

    /// <inheritdoc/>
    public override void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Tag))
        {
            writer.OptionalInteger(0x84, AssociationToken);
            writer.OptionalInteger(0x02, (int?)Code);
        }
    }

    internal static AddEimResult Read(BerReader inner) => inner.NextIs(0x84)
        ? new AddEimResult(inner.ReadInteger(0x84), null)
        : new AddEimResult(null, (AddEimResultCode)ReadCode(ref inner));
}

/// <summary>EimIdInfo. v1.0 wrote the type under 84; both are read.</summary>
/// <param name="EimId">80; null when it is missing.</param>
/// <param name="Type">82.</param>
public sealed record EimIdInfo(string? EimId, EimIdType? Type);

/// <summary>listEimResult, AB: the eIMs, or an error.</summary>
public sealed record ListEimResult(IReadOnlyList<EimIdInfo>? Eims, int? Error = null) : EuiccResultData
{
    internal const uint Tag = 0xAB;

    /// <inheritdoc/>
    public override void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Tag))
        {
            if (Eims is null)
            {
                writer.Integer(0x81, Error ?? 127);
                return;
            }

            using (writer.Constructed(0xA0))
            {
                foreach (var eim in Eims)
                {
                    using (writer.Constructed(0x30))
                    {
                        writer.OptionalUtf8(0x80, eim.EimId);
                        writer.OptionalInteger(0x82, (int?)eim.Type);
                    }
                }
            }
        }
    }

    internal static ListEimResult Read(ContentReader fields)
    {
        if (!fields.Read())
        {
            throw BerReader.Unexpected(0);
        }

        switch (fields.Tag)
        {
            case 0x02 or 0x81:
                var inner = new BerReader(fields.Encoded);
                return new ListEimResult(null, ReadCode(ref inner));
            case 0xA0: return new ListEimResult(ReadEims(fields.Inside()));
            default: throw BerReader.Unexpected(fields.Tag);
        }
    }

    private static List<EimIdInfo> ReadEims(ContentReader list)
    {
        var eims = new List<EimIdInfo>();
        while (list.Read())
        {
            if (list.Tag == 0x30)
            {
                eims.Add(ReadEim(list.Inside()));
            }
        }

        return eims;
    }

    private static EimIdInfo ReadEim(ContentReader fields)
    {
        var eim = new EimIdInfo(null, null);
        while (fields.Read())
        {
            eim = fields.Tag switch
            {
                0x80 => eim with { EimId = fields.Text() },
                0x82 or 0x84 => eim with { Type = (EimIdType?)fields.Int32() },
                _ => eim,
            };
        }

        return eim;
    }
}

/// <summary>A result that this version of the standard does not know.</summary>
public sealed record UnknownResult(ReadOnlyMemory<byte> Encoded) : EuiccResultData
{
    /// <inheritdoc/>
    public override void Encode(AsnWriter writer) => writer.Raw(Encoded.Span);
}

/// <summary>A result that cannot be read: whether its command was done is not known.</summary>
/// <param name="Tag">Its tag; 0 where the bytes are no TLV.</param>
/// <param name="Encoded">The bytes as received.</param>
/// <param name="Reason">What is wrong with it, in words.</param>
public sealed record UnreadableResult(uint Tag, ReadOnlyMemory<byte> Encoded, string Reason) : EuiccResultData
{
    /// <inheritdoc/>
    /// <exception cref="ProtocolException">The bytes are no TLV.</exception>
    public override void Encode(AsnWriter writer) => writer.Raw(Encoded.Span);
}
