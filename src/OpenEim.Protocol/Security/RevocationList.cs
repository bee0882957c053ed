using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Security;

/// <summary>A certificate revocation list (RFC 5280 5), parsed; whether its issuer signed it is asked apart.</summary>
/// <remarks>
/// Lists for a part of an issuer's certificates are read like whole ones, as they only revoke. Indirect and delta lists are refused: the first
/// speak of other issuers' certificates, the second take revocations back.
/// </remarks>
public sealed class RevocationList
{
    /// <summary>The longest list that is parsed, in bytes.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    private const string AuthorityKey = "2.5.29.35";
    private const string Number = "2.5.29.20";
    private const string DistributionPoint = "2.5.29.28";
    private const string CertificateIssuer = "2.5.29.29";

    private readonly HashSet<string> _serials = new(StringComparer.Ordinal);

    private RevocationList(ReadOnlyMemory<byte> encoded)
    {
        var reader = new BerReader(encoded);
        var list = reader.ReadConstructed(0x30);
        reader.ThrowIfNotEmpty();
        TbsCertList = list.ReadEncoded(0x30);
        var outerAlgorithm = list.ReadEncoded(0x30);
        Signature = list.ReadBits();
        list.ThrowIfNotEmpty();

        var tbsReader = new BerReader(TbsCertList);
        var tbs = tbsReader.ReadConstructed(0x30);
        tbs.TryReadInteger(0x02);
        var algorithm = tbs.ReadEncoded(0x30);
        if (!algorithm.Span.SequenceEqual(outerAlgorithm.Span))
        {
            throw new ProtocolException("a revocation list names two different signature algorithms");
        }

        var algorithmReader = new BerReader(algorithm).Inside(0x30);
        SignatureAlgorithm = algorithmReader.ReadOid();
        Issuer = tbs.ReadEncoded(0x30);
        ThisUpdate = tbs.ReadTime();
        NextUpdate = tbs.PeekTag() is 0x17 or 0x18 ? tbs.ReadTime() : null;
        if (tbs.TryReadConstructed(0x30, out var entries))
        {
            ReadEntries(ref entries);
        }

        if (tbs.TryReadConstructed(0xA0, out var outer))
        {
            var extensions = outer.ReadConstructed(0x30);
            ReadExtensions(ref extensions);
        }

        tbs.ThrowIfNotEmpty();
    }

    /// <summary>The issuer's Name, encoded.</summary>
    public ReadOnlyMemory<byte> Issuer { get; }

    /// <summary>The identifier of the issuer's key, or null.</summary>
    public ReadOnlyMemory<byte>? AuthorityKeyIdentifier { get; private set; }

    /// <summary>When it was issued.</summary>
    public DateTimeOffset ThisUpdate { get; }

    /// <summary>When the next one is due, or null.</summary>
    public DateTimeOffset? NextUpdate { get; }

    /// <summary>How many certificates are revoked.</summary>
    public int Count => _serials.Count;

    /// <summary>The signed part, with its tag and length.</summary>
    public ReadOnlyMemory<byte> TbsCertList { get; }

    /// <summary>The signature: for ECDSA, DER.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>The object identifier of the signature's algorithm.</summary>
    public string SignatureAlgorithm { get; }

    /// <summary>Reads one list, and nothing behind it.</summary>
    /// <exception cref="ProtocolException">It is malformed, too long, indirect, or holds an unknown critical extension.</exception>
    public static RevocationList Parse(ReadOnlyMemory<byte> der) => der.Length <= MaxLength
        ? new RevocationList(der)
        : throw new ProtocolException($"a revocation list has {der.Length} bytes, more than {MaxLength}");

    /// <summary>Whether the certificate with this serial number is revoked; one that is on hold is too.</summary>
    public bool Holds(ReadOnlySpan<byte> serialNumber) => _serials.Contains(SerialText(serialNumber));

    /// <summary>Whether <paramref name="issuerKey"/> signed it with ECDSA and SHA-256.</summary>
    public bool IsSignedBy(EcPublicKey issuerKey)
    {
        ArgumentNullException.ThrowIfNull(issuerKey);
        return SignatureAlgorithm == Oids.EcdsaWithSha256 && issuerKey.VerifyDer(TbsCertList.Span, Signature.Span);
    }

    /// <summary>A serial number as people write it: hexadecimal digits without leading zeros.</summary>
    internal static string SerialText(ReadOnlySpan<byte> serialNumber) => Convert.ToHexString(serialNumber).TrimStart('0');

    private void ReadEntries(ref BerReader entries)
    {
        while (entries.HasData)
        {
            var entry = entries.ReadConstructed(0x30);
            _serials.Add(SerialText(entry.ReadValue(0x02, 1, 64).Span));
            entry.ReadTime();
            if (!entry.TryReadConstructed(0x30, out var extensions))
            {
                continue;
            }

            while (extensions.HasData)
            {
                if (ReadExtension(ref extensions).Id == CertificateIssuer)
                {
                    throw new ProtocolException("a revocation list revokes certificates of another issuer");
                }
            }
        }
    }

    private void ReadExtensions(ref BerReader extensions)
    {
        while (extensions.HasData)
        {
            var (id, isCritical, value) = ReadExtension(ref extensions);
            switch (id)
            {
                case AuthorityKey:
                    var key = new BerReader(value).Inside(0x30);
                    AuthorityKeyIdentifier = key.OptionalValue(0x80, 1, 64);
                    break;
                case DistributionPoint:
                    RefuseIndirect(value);
                    break;
                case Number:
                    break;
                default:
                    if (isCritical)
                    {
                        throw new ProtocolException($"a revocation list holds the critical extension {id}, which is not known");
                    }

                    break;
            }
        }
    }

    private static void RefuseIndirect(ReadOnlyMemory<byte> value)
    {
        var point = new BerReader(value).Inside(0x30);
        while (point.HasData)
        {
            var encoded = point.ReadEncoded(out var tag);
            if (tag == 0x84 && new BerReader(encoded).ReadBoolean(0x84))
            {
                throw new ProtocolException("a revocation list is indirect");
            }
        }
    }

    private static (string Id, bool IsCritical, ReadOnlyMemory<byte> Value) ReadExtension(ref BerReader extensions)
    {
        var extension = extensions.ReadConstructed(0x30);
        var id = extension.ReadOid();
        var isCritical = extension.NextIs(0x01) && extension.ReadBoolean();
        var value = extension.ReadValue(0x04);
        extension.ThrowIfNotEmpty();
        return (id, isCritical, value);
    }
}
