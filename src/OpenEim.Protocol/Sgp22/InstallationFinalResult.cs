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

/// <summary>SGP.22 finalResult of an installation: a SuccessResult (A0) or an ErrorResult (A1).</summary>
public abstract record InstallationFinalResult
{
    private InstallationFinalResult()
    {
    }

    /// <summary>SuccessResult.</summary>
    /// <param name="Aid">4F: AID of the ISD-P, 5 to 16 bytes.</param>
    /// <param name="SimaResponse">04: EUICCResponses of the profile package interpreter.</param>
    public sealed record Success(ReadOnlyMemory<byte> Aid, ReadOnlyMemory<byte> SimaResponse) : InstallationFinalResult;

    /// <summary>ErrorResult.</summary>
    /// <param name="CommandId">80.</param>
    /// <param name="Reason">81.</param>
    /// <param name="SimaResponse">82.</param>
    public sealed record Failure(BppCommandId CommandId, InstallationErrorReason Reason, ReadOnlyMemory<byte>? SimaResponse = null)
        : InstallationFinalResult;

    /// <summary>Reads the CHOICE inside its explicit tag A2.</summary>
    internal static InstallationFinalResult Read(BerReader inner)
    {
        InstallationFinalResult result;
        if (inner.TryReadConstructed(0xA0, out var success))
        {
            result = new Success(success.ReadValue(0x4F, 1, 16), success.ReadValue(0x04));
            success.SkipUnknown();
        }
        else
        {
            var failure = inner.ReadConstructed(0xA1);
            result = new Failure(
                (BppCommandId)failure.ReadInt32(0x80),
                (InstallationErrorReason)failure.ReadInt32(0x81),
                failure.OptionalValue(0x82, 0, 4096));
            failure.SkipUnknown();
        }

        inner.ThrowIfNotEmpty();
        return result;
    }

    internal void Write(AsnWriter writer)
    {
        using (writer.Constructed(0xA2))
        using (writer.Constructed(this is Success ? 0xA0u : 0xA1u))
        {
            if (this is Success success)
            {
                writer.Octets(0x4F, success.Aid.Span);
                writer.Octets(0x04, success.SimaResponse.Span);
            }
            else if (this is Failure failure)
            {
                writer.Integer(0x80, (int)failure.CommandId);
                writer.Integer(0x81, (int)failure.Reason);
                writer.OptionalOctets(0x82, failure.SimaResponse);
            }
        }
    }
}
