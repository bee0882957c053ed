using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22;

/// <summary>SGP.22 BppCommandId: the ES8+ command that failed.</summary>
public enum BppCommandId
{
    /// <summary>InitialiseSecureChannel.</summary>
    InitialiseSecureChannel = 0,

    /// <summary>ConfigureISDP.</summary>
    ConfigureIsdp = 1,

    /// <summary>StoreMetadata.</summary>
    StoreMetadata = 2,

    /// <summary>StoreMetadata, its second part.</summary>
    StoreMetadata2 = 3,

    /// <summary>ReplaceSessionKeys.</summary>
    ReplaceSessionKeys = 4,

    /// <summary>LoadProfileElements.</summary>
    LoadProfileElements = 5,
}

/// <summary>SGP.22 ErrorReason: why an installation failed.</summary>
public enum InstallationErrorReason
{
    /// <summary>A value is wrong.</summary>
    IncorrectInputValues = 1,

    /// <summary>The SM-DP+'s signature does not verify.</summary>
    InvalidSignature = 2,

    /// <summary>It is another session's id.</summary>
    InvalidTransactionId = 3,

    /// <summary>The control reference template asks for other keys.</summary>
    UnsupportedCrtValues = 4,

    /// <summary>The remote operation is not installBoundProfilePackage.</summary>
    UnsupportedRemoteOperationType = 5,

    /// <summary>The profile's class is not supported.</summary>
    UnsupportedProfileClass = 6,

    /// <summary>A segment is malformed.</summary>
    Scp03tStructureError = 7,

    /// <summary>A segment's MAC or encryption is wrong.</summary>
    Scp03tSecurityError = 8,

    /// <summary>The ICCID is on the eUICC already.</summary>
    IccidAlreadyExists = 9,

    /// <summary>The memory does not suffice.</summary>
    InsufficientMemory = 10,

    /// <summary>The installation was interrupted.</summary>
    Interruption = 11,

    /// <summary>A profile element could not be processed.</summary>
    PeProcessingError = 12,

    /// <summary>The data do not match one another.</summary>
    DataMismatch = 13,

    /// <summary>A test profile holds another key than the test key.</summary>
    TestProfileInvalidNaaKey = 14,

    /// <summary>The eUICC does not allow the profile policy rules.</summary>
    PprNotAllowed = 15,

    /// <summary>Anything else.</summary>
    UnknownError = 127,
}

/// <summary>SGP.22 finalResult of an installation: a SuccessResult (A0) or an ErrorResult (A1). What is null in one could not be read.</summary>
public abstract record InstallationFinalResult
{
    private InstallationFinalResult()
    {
    }

    /// <summary>SuccessResult.</summary>
    /// <param name="Aid">4F: AID of the ISD-P, 5 to 16 bytes.</param>
    /// <param name="SimaResponse">04: EUICCResponses of the profile package interpreter.</param>
    public sealed record Success(ReadOnlyMemory<byte>? Aid, ReadOnlyMemory<byte>? SimaResponse) : InstallationFinalResult;

    /// <summary>ErrorResult.</summary>
    /// <param name="CommandId">80.</param>
    /// <param name="Reason">81.</param>
    /// <param name="SimaResponse">82.</param>
    public sealed record Failure(BppCommandId? CommandId, InstallationErrorReason? Reason, ReadOnlyMemory<byte>? SimaResponse = null)
        : InstallationFinalResult;

    /// <summary>Neither: whether the profile is installed is not known.</summary>
    /// <param name="Encoded">The TLV A2 as received; empty when it is missing.</param>
    /// <param name="Why">What is wrong with it, in words.</param>
    public sealed record Unreadable(ReadOnlyMemory<byte> Encoded, string Why) : InstallationFinalResult;

    /// <summary>Reads the CHOICE inside its explicit tag A2, which is the current field.</summary>
    internal static InstallationFinalResult Read(ContentReader field)
    {
        var arms = field.Inside();
        while (arms.Read())
        {
            switch (arms.Tag)
            {
                case 0xA0: return ReadSuccess(arms.Inside());
                case 0xA1: return ReadFailure(arms.Inside());
            }
        }

        const string why = "finalResult is neither a success nor a failure";
        field.Report(why);
        return new Unreadable(field.Encoded, why);
    }

    private static Success ReadSuccess(ContentReader fields)
    {
        var success = new Success(null, null);
        while (fields.Read())
        {
            success = fields.Tag switch
            {
                Sgp22Tags.Aid => success with { Aid = fields.Bytes(1, 16) },
                0x04 => success with { SimaResponse = fields.Bytes() },
                _ => success,
            };
        }

        return success;
    }

    private static Failure ReadFailure(ContentReader fields)
    {
        var failure = new Failure(null, null);
        while (fields.Read())
        {
            failure = fields.Tag switch
            {
                0x80 => failure with { CommandId = (BppCommandId?)fields.Int32() },
                0x81 => failure with { Reason = (InstallationErrorReason?)fields.Int32() },
                0x82 => failure with { SimaResponse = fields.Bytes() },
                _ => failure,
            };
        }

        return failure;
    }

    internal void Write(AsnWriter writer)
    {
        switch (this)
        {
            case Success success:
                using (writer.Constructed(0xA2))
                using (writer.Constructed(0xA0))
                {
                    writer.OptionalOctets(Sgp22Tags.Aid, success.Aid);
                    writer.OptionalOctets(0x04, success.SimaResponse);
                }

                break;
            case Failure failure:
                using (writer.Constructed(0xA2))
                using (writer.Constructed(0xA1))
                {
                    writer.OptionalInteger(0x80, (int?)failure.CommandId);
                    writer.OptionalInteger(0x81, (int?)failure.Reason);
                    writer.OptionalOctets(0x82, failure.SimaResponse);
                }

                break;
            case Unreadable unreadable:
                writer.Raw(unreadable.Encoded.Span);
                break;
        }
    }
}
