using System.Collections.Immutable;
using System.Security.Cryptography;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc;

/// <summary>What a card has done in its life, for whoever judges an eIM by it. Real cards keep none; a virtual one does where it was made so.</summary>
/// <remarks>It is part of the card's memory: an entry is there exactly when what it tells of has happened.</remarks>
public sealed record CardJournal
{
    /// <summary>The eUICC packages that an associated eIM had signed, in the order in which they came.</summary>
    public ImmutableArray<LoadedPackage> Packages { get; init; } = [];

    /// <summary>The results and notifications that the card has signed, in the order of their numbers.</summary>
    public ImmutableArray<IssuedItem> Issued { get; init; } = [];

    internal CardJournal With(long counter, EuiccPackageErrorCode? refusal, ReadOnlyMemory<byte> package) =>
        this with { Packages = Packages.Add(new LoadedPackage(counter, refusal, Digest(package.Span))) };

    internal CardJournal With(long sequenceNumber, NotificationEvents? happened, byte[] encoded) =>
        this with { Issued = Issued.Add(new IssuedItem(sequenceNumber, happened, Digest(encoded))) };

    private static string Digest(ReadOnlySpan<byte> content) => Convert.ToHexString(SHA256.HashData(content));
}

/// <summary>An eUICC package that was loaded.</summary>
/// <param name="Counter">Its counterValue.</param>
/// <param name="Refusal">Why it was not run; null when it was.</param>
/// <param name="Sha256">Of its TLV BF51 as it came, in hex.</param>
public sealed record LoadedPackage(long Counter, EuiccPackageErrorCode? Refusal, string Sha256);

/// <summary>A package result or a notification.</summary>
/// <param name="SequenceNumber">Its number.</param>
/// <param name="Event">What a notification tells; null for a package result.</param>
/// <param name="Sha256">Of its TLV as it leaves the card, in hex.</param>
public sealed record IssuedItem(long SequenceNumber, NotificationEvents? Event, string Sha256);
