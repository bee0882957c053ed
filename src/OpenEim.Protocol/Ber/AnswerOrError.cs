using System.Formats.Asn1;

namespace OpenEim.Protocol.Ber;

/// <summary>The CHOICE that most responses of ES9+ and ESipa are: <c>A0</c> the answer, or the number of an error.</summary>
internal static class AnswerOrError
{
    /// <summary>The error's tag in most of them.</summary>
    public const uint ErrorTag = 0x81;

    public delegate T AnswerReader<out T>(ref BerReader answer);

    /// <summary>Reads the response, tag included. Fields that follow the known ones in the answer are skipped.</summary>
    public static T Read<T>(ref BerReader reader, uint function, AnswerReader<T> answer, Func<int, T> error, uint errorTag = ErrorTag)
    {
        var inner = reader.ReadConstructed(function);
        T response;
        if (inner.NextIs(errorTag))
        {
            response = error(inner.ReadInt32(errorTag));
        }
        else
        {
            var arm = inner.ReadConstructed(0xA0);
            response = answer(ref arm);
            arm.SkipUnknown();
        }

        inner.SkipUnknown();
        return response;
    }

    public static void Write(AsnWriter writer, uint function, int? error, Action<AsnWriter>? answer, uint errorTag = ErrorTag)
    {
        using (writer.Constructed(function))
        {
            if (error is { } code)
            {
                writer.Integer(errorTag, code);
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
