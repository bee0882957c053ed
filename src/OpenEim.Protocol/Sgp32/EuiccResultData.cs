using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32;

/// <summary>EuiccResultData: the outcome of one command of a package (SGP.32 2.11.2.1).</summary>
public abstract record EuiccResultData : IBerMessage<EuiccResultData>
{
    private protected EuiccResultData()
    {
    }

    /// <inheritdoc/>
    public static EuiccResultData Decode(ref BerReader reader)
    {
        var tag = reader.PeekTag();
        switch (tag)
        {
            case (uint)EuiccCommand.Enable or (uint)EuiccCommand.Disable or (uint)EuiccCommand.Delete
                or (uint)EuiccCommand.ConfigureImmediateEnable or (uint)EuiccCommand.DeleteEim or (uint)EuiccCommand.UpdateEim
                or (uint)EuiccCommand.Rollback or (uint)EuiccCommand.SetFallbackAttribute or (uint)EuiccCommand.UnsetFallbackAttribute
                or (uint)EuiccCommand.ProcessingTerminated:
                return new CommandResult((EuiccCommand)tag, reader.ReadInt32(tag));
            case (uint)EuiccCommand.SetDefaultDpAddress:
                var address = reader.ReadConstructed(tag);
                return new CommandResult(EuiccCommand.SetDefaultDpAddress, address.ReadInt32(0x80));
            case 0xBF2D: return new ProfileInfoListResult(ProfileInfoListResponse.Decode(ref reader));
            case 0xA6: return new RulesAuthorisationTableResult(reader.ReadValue(tag));
            case 0xA8: return AddEimResult.Read(reader.ReadConstructed(tag));
            case 0xAB: return ListEimResult.Read(reader.ReadConstructed(tag));
            default: return new UnknownResult(reader.ReadEncoded(out _));
        }
    }

    /// <inheritdoc/>
    public abstract void Encode(AsnWriter writer);
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
    SetDefaultDpAddress = 0xBF65,
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
    /// <inheritdoc/>
    public override void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xA6))
        {
            writer.Raw(Rules.Span);
        }
    }
}

/// <summary>addEimResult, A8: the association token allocated, or a code.</summary>
public sealed record AddEimResult(long? AssociationToken, AddEimResultCode? Code) : EuiccResultData
{
    /// <inheritdoc/>
    public override void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xA8))
        {
            writer.OptionalInteger(0x84, AssociationToken);
            writer.OptionalInteger(0x02, (int?)Code);
        }
    }

    internal static AddEimResult Read(BerReader inner) => inner.NextIs(0x84)
        ? new AddEimResult(inner.ReadInteger(0x84), null)
        : new AddEimResult(null, (AddEimResultCode)inner.ReadInt32());
}

/// <summary>EimIdInfo. v1.0 wrote the type under 84; both are read.</summary>
public sealed record EimIdInfo(string EimId, EimIdType? Type);

/// <summary>listEimResult, AB: the eIMs, or an error.</summary>
public sealed record ListEimResult(IReadOnlyList<EimIdInfo>? Eims, int? Error = null) : EuiccResultData
{
    /// <inheritdoc/>
    public override void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xAB))
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
                        writer.Utf8(0x80, eim.EimId);
                        writer.OptionalInteger(0x82, (int?)eim.Type);
                    }
                }
            }
        }
    }

    internal static ListEimResult Read(BerReader inner)
    {
        if (inner.NextIs(0x81))
        {
            return new ListEimResult(null, inner.ReadInt32(0x81));
        }

        var list = inner.ReadConstructed(0xA0);
        var eims = new List<EimIdInfo>();
        while (list.HasData)
        {
            var entry = list.ReadConstructed(0x30);
            var eimId = entry.ReadUtf8(0x80, 1, 128);
            var type = entry.TryReadInteger(0x82) ?? entry.TryReadInteger(0x84);
            entry.SkipUnknown();
            eims.Add(new EimIdInfo(eimId, (EimIdType?)(int?)type));
        }

        return new ListEimResult(eims);
    }
}

/// <summary>A result that this version of the standard does not know.</summary>
public sealed record UnknownResult(ReadOnlyMemory<byte> Encoded) : EuiccResultData
{
    /// <inheritdoc/>
    public override void Encode(AsnWriter writer) => writer.Raw(Encoded.Span);
}
