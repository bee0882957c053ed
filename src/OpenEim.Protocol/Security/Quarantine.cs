using System.Security.Cryptography;
using System.Text;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Security;

/// <summary>Certificates, and eUICCs, that an operator does not believe although their chain is good.</summary>
/// <remarks>
/// Read from texts with lines of <c>serial</c>, <c>key</c> or <c>eid</c> and hexadecimal digits, <c>#</c> beginning a comment, and from
/// certificates (PEM or DER), whose keys are not believed in any certificate.
/// </remarks>
public sealed class Quarantine
{
    private readonly HashSet<string> _serials = new(StringComparer.Ordinal);
    private readonly HashSet<string> _keyIdentifiers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly List<string> _eidPrefixes = [];

    private Quarantine()
    {
    }

    /// <summary>Nothing.</summary>
    public static Quarantine None { get; } = new();

    /// <summary>How many entries there are.</summary>
    public int Count => _serials.Count + _keyIdentifiers.Count + _keys.Count + _eidPrefixes.Count;

    /// <summary>Reads files.</summary>
    /// <exception cref="ProtocolException">One cannot be read; the message says which, and where.</exception>
    public static Quarantine Read(IEnumerable<(string Name, ReadOnlyMemory<byte> Content)> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var quarantine = new Quarantine();
        foreach (var (name, content) in files)
        {
            try
            {
                quarantine.Add(content);
            }
            catch (ProtocolException e)
            {
                throw new ProtocolException($"{name}: {e.Message}", e);
            }
        }

        return quarantine;
    }

    /// <summary>Whether an eUICC is not believed, by its EID or its key.</summary>
    /// <param name="eid">Whose.</param>
    /// <param name="subjectPublicKeyInfo">The key that its signatures are checked with.</param>
    public bool Holds(Eid eid, ReadOnlySpan<byte> subjectPublicKeyInfo) => Count > 0 && (HoldsEid(eid) || _keys.Contains(KeyText(subjectPublicKeyInfo)));

    /// <summary>Whether a certificate is not believed.</summary>
    internal bool Holds(RspCertificate certificate) => Count > 0
        && (_serials.Contains(RevocationList.SerialText(certificate.SerialNumber.Span))
            || (certificate.SubjectKeyIdentifier is { } identifier && _keyIdentifiers.Contains(Convert.ToHexString(identifier.Span)))
            || _keys.Contains(KeyText(certificate.SubjectPublicKeyInfo.Span))
            || (Eid.TryParse(certificate.SubjectSerialNumber, out var eid) && HoldsEid(eid)));

    private static string KeyText(ReadOnlySpan<byte> subjectPublicKeyInfo) => Convert.ToHexString(SHA256.HashData(subjectPublicKeyInfo));

    private bool HoldsEid(Eid eid)
    {
        if (_eidPrefixes.Count == 0)
        {
            return false;
        }

        var digits = eid.ToString();
        return _eidPrefixes.Exists(prefix => digits.StartsWith(prefix, StringComparison.Ordinal));
    }

    private void Add(ReadOnlyMemory<byte> content)
    {
        if (content.Span is [0x30, ..])
        {
            AddKeyOf(RspCertificate.Parse(content));
            return;
        }

        var text = Encoding.UTF8.GetString(content.Span);
        if (text.Contains("-----BEGIN ", StringComparison.Ordinal))
        {
            foreach (var certificate in RspCertificate.FromPem(text))
            {
                AddKeyOf(certificate);
            }

            return;
        }

        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var words = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0 && (words.Length != 2 || !TryAdd(words[0], words[1].ToUpperInvariant())))
            {
                throw new ProtocolException($"line {number} is none of: serial HEX, key HEX, eid DIGITS");
            }
        }
    }

    private void AddKeyOf(RspCertificate certificate) => _keys.Add(KeyText(certificate.SubjectPublicKeyInfo.Span));

    private bool TryAdd(string kind, string value)
    {
        switch (kind)
        {
            case "serial" when value.Length <= 128 && value.All(char.IsAsciiHexDigit):
                _serials.Add(value.TrimStart('0'));
                return true;
            case "key" when value.Length is >= 2 and <= 128 && value.Length % 2 == 0 && value.All(char.IsAsciiHexDigit):
                _keyIdentifiers.Add(value);
                return true;
            case "eid" when value.Length <= 32 && value.All(char.IsAsciiDigit):
                _eidPrefixes.Add(value);
                return true;
            default:
                return false;
        }
    }
}
