using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Smdp.Profiles;

namespace OpenEim.Smdp.Es9Plus;

/// <summary>Whether an eUICC can take a profile (SGP.22 annex F).</summary>
internal static class Eligibility
{
    /// <exception cref="FunctionFailedException">It cannot.</exception>
    public static void Check(EuiccInfo2 euicc, ProfileTypeRow type)
    {
        // 1. The interpreter knows the version of the profile package, where the eUICC tells its own.
        if (euicc.ProfileVersion?.Major < type.SaipMajor)
        {
            throw new FunctionFailedException(
                StatusCodes.NoEligibleProfile, $"the profile package is of version {type.SaipMajor}, the eUICC supports {euicc.ProfileVersion}");
        }

        // 2. The eUICC does not forbid a policy rule that the profile has.
        if (((int)(euicc.ForbiddenPolicyRules ?? ProfilePolicyRules.None) & type.PolicyRules) != 0)
        {
            throw new FunctionFailedException(StatusCodes.NoEligibleProfile, "the eUICC forbids a policy rule of the profile");
        }

        // 3. There is room for it, where the eUICC tells how much it has.
        if (FreeMemory(euicc.ExtendedCardResource) is { } free && free < type.PackageLength)
        {
            throw new FunctionFailedException(
                StatusCodes.InsufficientMemory, $"the profile needs {type.PackageLength} bytes, the eUICC has {free}");
        }
    }

    /// <summary>Free non-volatile memory in bytes (ETSI TS 102 226 clause 8.2.1.7.2, tag 82); null where it is not stated.</summary>
    private static long? FreeMemory(ReadOnlyMemory<byte>? resource)
    {
        try
        {
            var reader = new BerReader(resource ?? default);
            while (reader.HasData)
            {
                var tag = reader.PeekTag();
                if (tag == 0x82)
                {
                    return ReadUnsigned(reader.ReadValue(tag, 1, 7).Span);
                }

                reader.ReadValue(tag);
            }
        }
        catch (ProtocolException)
        {
            // Cards put other things here; it only means that the amount is not known.
        }

        return null;
    }

    private static long ReadUnsigned(ReadOnlySpan<byte> value)
    {
        var number = 0L;
        foreach (var octet in value)
        {
            number = (number << 8) | octet;
        }

        return number;
    }
}
