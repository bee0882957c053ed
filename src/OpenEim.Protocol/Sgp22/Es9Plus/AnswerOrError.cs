using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22.Es9Plus;

/// <summary>The CHOICE that most ES9+ responses of the ASN.1 binding are: <c>A0</c> the answer, or <c>81</c> an error.</summary>
internal static class AnswerOrError
{
    public static void Write(AsnWriter writer, uint function, int? error, Action<AsnWriter>? answer)
    {
        using (writer.Constructed(function))
        {
            if (error is { } code)
            {
                writer.Integer(0x81, code);
                return;
            }

            var write = answer ?? throw new InvalidOperationException("neither arm of the CHOICE is set");
            using (writer.Constructed(0xA0))
            {
                write(writer);
            }
        }
    }
}
