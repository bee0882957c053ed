using System.Globalization;
using System.Numerics;

namespace OpenEim.Protocol.Security;

/// <summary>The domain parameters of one curve, and the checks that need nothing but them.</summary>
/// <remarks>Both curves have a prime field of 256 bits and cofactor 1, so a point on the curve is in the right group.</remarks>
internal sealed class EcDomain
{
    /// <summary>The length of a coordinate, of a scalar and of r and s, in bytes.</summary>
    public const int FieldLength = 32;

    /// <summary>The length of an uncompressed point: 04‖X‖Y.</summary>
    public const int PointLength = 1 + (2 * FieldLength);

    private static readonly EcDomain P256 = new(
        EcCurve.P256,
        Oids.P256,
        p: "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",
        a: "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC",
        b: "5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B",
        n: "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");

    private static readonly EcDomain Brainpool = new(
        EcCurve.BrainpoolP256r1,
        Oids.BrainpoolP256r1,
        p: "A9FB57DBA1EEA9BC3E660A909D838D726E3BF623D52620282013481D1F6E5377",
        a: "7D5A0975FC2C3057EEF67530417AFFE7FB8055C126DC5C6CE94A4B44F330B5D9",
        b: "26DC5C6CE94A4B44F330B5D9BBD77CBF958416295CF7E1CE6BCCDC18FF8C07B6",
        n: "A9FB57DBA1EEA9BC3E660A909D838D718C397AA3B561A6F7901E0E82974856A7");

    private readonly BigInteger _p;
    private readonly BigInteger _a;
    private readonly BigInteger _b;
    private readonly byte[] _n;

    private EcDomain(EcCurve curve, string oid, string p, string a, string b, string n)
    {
        Curve = curve;
        Oid = oid;
        _p = Number(p);
        _a = Number(a);
        _b = Number(b);
        _n = Convert.FromHexString(n);
    }

    public EcCurve Curve { get; }

    public string Oid { get; }

    public static EcDomain Of(EcCurve curve) => curve switch
    {
        EcCurve.P256 => P256,
        EcCurve.BrainpoolP256r1 => Brainpool,
        _ => throw new ArgumentOutOfRangeException(nameof(curve)),
    };

    /// <summary>The curve that <paramref name="oid"/> names, or null for any other.</summary>
    public static EcDomain? ByOid(string oid) => oid switch
    {
        Oids.P256 => P256,
        Oids.BrainpoolP256r1 => Brainpool,
        _ => null,
    };

    /// <summary>Whether 04‖X‖Y is a point of the curve.</summary>
    public bool IsOnCurve(ReadOnlySpan<byte> point)
    {
        if (point.Length != PointLength || point[0] != 0x04)
        {
            return false;
        }

        var x = new BigInteger(point[1..(1 + FieldLength)], isUnsigned: true, isBigEndian: true);
        var y = new BigInteger(point[(1 + FieldLength)..], isUnsigned: true, isBigEndian: true);
        return x < _p && y < _p && ((y * y) - ((((x * x) + _a) * x) + _b)) % _p == 0;
    }

    /// <summary>Whether the number is from 1 to the group's order less one, as a private key and r and s must be.</summary>
    public bool IsScalar(ReadOnlySpan<byte> number) =>
        number.Length == FieldLength && number.ContainsAnyExcept((byte)0) && number.SequenceCompareTo(_n) < 0;

    private static BigInteger Number(string hex) =>
        BigInteger.Parse("0" + hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
