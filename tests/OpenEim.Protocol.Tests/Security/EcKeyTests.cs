using System.Security.Cryptography;
using System.Text;
using CsCheck;
using OpenEim.Protocol.Security;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Math;
using ECPoint = Org.BouncyCastle.Math.EC.ECPoint;

namespace OpenEim.Protocol.Tests.Security;

public sealed class EcKeyTests
{
    private static readonly byte[] Message = Encoding.ASCII.GetBytes(OpensslFixtures.Message);

    public static TheoryData<EcCurve> Curves => [EcCurve.P256, EcCurve.BrainpoolP256r1];

    public static TheoryData<EcCurve, string> OpensslKeys => new()
    {
        { EcCurve.P256, OpensslFixtures.P256Sec1 },
        { EcCurve.P256, OpensslFixtures.P256Pkcs8 },
        { EcCurve.BrainpoolP256r1, OpensslFixtures.BrainpoolSec1 },
        { EcCurve.BrainpoolP256r1, OpensslFixtures.BrainpoolPkcs8 },
    };

    [Theory]
    [MemberData(nameof(Curves))]
    public void A_signature_is_64_bytes_and_verifies_over_its_data_only(EcCurve curve)
    {
        using var key = EcPrivateKey.Generate(curve);
        var signature = key.Sign(Message);

        Assert.Equal(64, signature.Length);
        Assert.True(key.PublicKey.Verify(Message, signature));
        Assert.False(key.PublicKey.Verify([.. Message, 0], signature));
        signature[63] ^= 1;
        Assert.False(key.PublicKey.Verify(Message, signature));
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void Another_key_does_not_verify(EcCurve curve)
    {
        using var key = EcPrivateKey.Generate(curve);
        using var other = EcPrivateKey.Generate(curve);
        Assert.False(other.PublicKey.Verify(Message, key.Sign(Message)));
    }

    [Theory]
    [MemberData(nameof(OpensslKeys))]
    public void Openssl_keys_are_read_and_belong_to_openssl_public_keys(EcCurve curve, string pem)
    {
        using var key = EcPrivateKey.FromPem(pem);
        var publicKey = curve == EcCurve.P256 ? OpensslFixtures.P256PublicKey : OpensslFixtures.BrainpoolPublicKey;

        Assert.Equal(curve, key.Curve);
        Assert.Equal(Der(publicKey), key.PublicKey.ToSubjectPublicKeyInfo());
        Assert.Equal(key.PublicKey, EcPublicKey.FromSubjectPublicKeyInfo(Der(publicKey)));
    }

    [Theory]
    [InlineData(OpensslFixtures.P256PublicKey, OpensslFixtures.P256Signature)]
    [InlineData(OpensslFixtures.BrainpoolPublicKey, OpensslFixtures.BrainpoolSignature)]
    public void An_openssl_signature_in_DER_verifies_and_an_altered_one_does_not(string publicKey, string signature)
    {
        var key = EcPublicKey.FromSubjectPublicKeyInfo(Der(publicKey));
        var der = Convert.FromBase64String(signature);

        Assert.True(key.Verify(Message, der));
        Assert.False(key.Verify([0, .. Message], der));
        der[^1] ^= 1;
        Assert.False(key.Verify(Message, der));
        Assert.False(key.Verify(Message, [.. Convert.FromBase64String(signature), 0]));
    }

    [Fact]
    public void Sixty_four_bytes_are_never_read_as_DER()
    {
        // A signature whose r and s are so short that its DER form has 64 bytes. No one meets such an r by signing, but the public
        // key can be computed from the signature: Q = (sR - zG) / r, where R is any point with a short x.
        var curve = CustomNamedCurves.GetByName("P-256");
        byte[] field = [0x02, .. new byte[3], 0x11, .. new byte[28]];
        ECPoint? point = null;
        while (point is null)
        {
            field[^1]++;
            try
            {
                point = curve.Curve.DecodePoint(field);
            }
            catch (ArgumentException)
            {
                // Half of all x are on the curve.
            }
        }

        var r = new BigInteger(1, field[1..]);
        var s = new BigInteger(1, [0x22, .. new byte[28]]);
        var z = new BigInteger(1, SHA256.HashData(Message));
        var q = point.Multiply(s).Subtract(curve.G.Multiply(z)).Multiply(r.ModInverse(curve.N)).Normalize();
        var key = EcPublicKey.FromPoint(EcCurve.P256, q.GetEncoded(compressed: false));
        byte[] der = [0x30, 62, 0x02, 29, .. r.ToByteArrayUnsigned(), 0x02, 29, .. s.ToByteArrayUnsigned()];
        byte[] raw = [0, 0, 0, .. r.ToByteArrayUnsigned(), 0, 0, 0, .. s.ToByteArrayUnsigned()];

        Assert.Equal(64, der.Length);
        Assert.True(key.Verify(Message, raw));
        Assert.False(key.Verify(Message, der));
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void The_platform_reads_the_PEM_of_P256_and_we_read_our_own_of_both(EcCurve curve)
    {
        using var key = EcPrivateKey.Generate(curve);
        using var again = EcPrivateKey.FromPem(key.ToPem());
        Assert.Equal(key.PublicKey, again.PublicKey);
        Assert.True(key.PublicKey.Verify(Message, again.Sign(Message)));

        if (curve == EcCurve.P256)
        {
            using var platform = ECDsa.Create();
            platform.ImportFromPem(key.ToPem());
            Assert.True(platform.VerifyData(Message, key.Sign(Message), HashAlgorithmName.SHA256));
            Assert.True(key.PublicKey.Verify(Message, platform.SignData(Message, HashAlgorithmName.SHA256)));
        }
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void No_signature_makes_Verify_throw(EcCurve curve)
    {
        using var key = EcPrivateKey.Generate(curve);
        Gen.OneOf(Gen.Byte.Array[0, 80], Gen.Byte.Array[64], Gen.Byte.Array[66].Select(bytes => (byte[])[0x30, 68, 0x02, 32, .. bytes]))
            .Sample(signature => !key.PublicKey.Verify(Message, signature), iter: 300);

        byte[][] edges =
        [
            new byte[64],
            [.. Enumerable.Repeat((byte)0xFF, 64)],
            [.. new byte[31], 1, .. new byte[31], 1],
            [0x30, 6, 0x02, 1, 0, 0x02, 1, 0],
            [0x30, 6, 0x02, 1, 0xFF, 0x02, 1, 1],
            [0x30, 6, 0x02, 0, 0x02, 2, 0, 1],
        ];
        Assert.All(edges, signature => Assert.False(key.PublicKey.Verify(Message, signature)));
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public async Task One_key_signs_and_verifies_on_many_threads_at_once(EcCurve curve)
    {
        using var key = EcPrivateKey.Generate(curve);
        var rounds = curve == EcCurve.P256 ? 300 : 8;
        using var start = new Barrier(8);
        var wrong = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                for (var i = 0; i < rounds; i++)
                {
                    byte[] data = [(byte)thread, (byte)i, (byte)(i >> 8)];
                    var signature = key.Sign(data);
                    if (!key.PublicKey.Verify(data, signature) || key.PublicKey.Verify(Message, signature))
                    {
                        Interlocked.Increment(ref wrong);
                    }
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        Assert.Equal(0, wrong);
    }

    [Fact]
    public async Task Disposing_a_key_while_others_sign_ends_in_ObjectDisposedException_and_nothing_else()
    {
        var key = EcPrivateKey.Generate(EcCurve.P256);
        using var running = new CountdownEvent(4);
        var signers = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                while (true)
                {
                    var signature = key.Sign(Message);
                    Assert.True(key.PublicKey.Verify(Message, signature));
                    if (running.CurrentCount > 0)
                    {
                        running.Signal();
                    }
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();
        running.Wait(TestContext.Current.CancellationToken);
        key.Dispose();
        foreach (var signer in signers)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => signer);
        }
    }

    [Fact]
    public void A_disposed_key_of_either_curve_does_not_sign()
    {
        foreach (var curve in (EcCurve[])[EcCurve.P256, EcCurve.BrainpoolP256r1])
        {
            var key = EcPrivateKey.Generate(curve);
            key.Dispose();
            Assert.Throws<ObjectDisposedException>(() => key.Sign(Message));
            Assert.Throws<ObjectDisposedException>(key.ToPem);
        }
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void A_point_that_is_not_on_the_curve_is_refused(EcCurve curve)
    {
        using var key = EcPrivateKey.Generate(curve);
        var other = curve == EcCurve.P256 ? EcCurve.BrainpoolP256r1 : EcCurve.P256;
        var spki = key.PublicKey.ToSubjectPublicKeyInfo();
        spki[^1] ^= 1;

        Assert.Contains("not an uncompressed point", Refusal(() => EcPublicKey.FromSubjectPublicKeyInfo(spki)), StringComparison.Ordinal);
        Assert.Contains("not an uncompressed point", Refusal(() => EcPublicKey.FromPoint(other, key.PublicKey.Point.Span)), StringComparison.Ordinal);
        Assert.Contains("not an uncompressed point", Refusal(() => EcPublicKey.FromPoint(curve, new byte[65])), StringComparison.Ordinal);
        Assert.Contains("not an uncompressed point", Refusal(() => EcPublicKey.FromPoint(curve, [])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_coordinate_that_is_not_reduced_by_the_prime_is_refused()
    {
        var prime = new BigInteger("A9FB57DBA1EEA9BC3E660A909D838D726E3BF623D52620282013481D1F6E5377", 16);
        byte[] point;
        do
        {
            using var key = EcPrivateKey.Generate(EcCurve.BrainpoolP256r1);
            point = key.PublicKey.Point.ToArray();
        }
        while (point[1] >= 0x50);

        new BigInteger(1, point[1..33]).Add(prime).ToByteArrayUnsigned().CopyTo(point, 1);
        Assert.Contains("not an uncompressed point", Refusal(() => EcPublicKey.FromPoint(EcCurve.BrainpoolP256r1, point)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_identifier_is_the_one_that_openssl_writes()
    {
        foreach (var pem in (string[])[OpensslFixtures.P256Ci, OpensslFixtures.BrainpoolCi])
        {
            var ci = RspCertificate.FromPem(pem)[0];
            Assert.Equal(ci.SubjectKeyIdentifier!.Value.ToArray(), ci.PublicKey.KeyIdentifier());
        }
    }

    [Theory]
    [InlineData(OpensslFixtures.P384Sec1, "a private key is neither on P-256 nor on brainpoolP256r1 but on 1.3.132.0.34")]
    [InlineData(OpensslFixtures.EncryptedKey, "the private key is encrypted; only keys in plain PKCS#8 or SEC1 are read")]
    [InlineData(OpensslFixtures.ExplicitCurveKey, "a private key spells its curve out instead of naming it")]
    [InlineData(OpensslFixtures.P256PublicKey, "the PEM text holds no private key in PKCS#8 or SEC1")]
    [InlineData("hello", "the PEM text holds no private key in PKCS#8 or SEC1")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA", "a PEM block is malformed or not closed")]
    public void A_key_file_that_cannot_be_used_is_refused_with_the_reason(string pem, string reason) =>
        Assert.Equal(reason, Refusal(() => EcPrivateKey.FromPem(pem)));

    [Fact]
    public void Parameters_before_the_key_are_skipped()
    {
        using var key = EcPrivateKey.FromPem(OpensslFixtures.BrainpoolSec1WithParameters);
        Assert.Equal(EcCurve.BrainpoolP256r1, key.Curve);
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void A_private_key_with_the_public_key_of_another_is_refused(EcCurve curve)
    {
        using var one = EcPrivateKey.Generate(curve);
        using var two = EcPrivateKey.Generate(curve);
        var mixed = one.ToPkcs8();
        two.PublicKey.Point.Span.CopyTo(mixed.AsSpan(mixed.Length - 65));
        Assert.Equal("a private key carries the public key of another one", Refusal(() => EcPrivateKey.FromPkcs8(mixed)));
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void Zero_and_the_order_are_not_private_keys(EcCurve curve)
    {
        using var key = EcPrivateKey.Generate(curve);
        var encoded = key.ToPkcs8();
        var scalar = encoded.AsSpan(encoded.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x04, 0x20]) + 2, 32);
        scalar.Clear();
        Assert.StartsWith("a private key is not a number of the group", Refusal(() => EcPrivateKey.FromPkcs8(encoded)), StringComparison.Ordinal);
        scalar.Fill(0xFF);
        Assert.StartsWith("a private key is not a number of the group", Refusal(() => EcPrivateKey.FromPkcs8(encoded)), StringComparison.Ordinal);
    }

    [Fact]
    public void Random_and_damaged_keys_give_ProtocolException_only()
    {
        using var key = EcPrivateKey.Generate(EcCurve.P256);
        var good = key.ToPkcs8();
        var spki = key.PublicKey.ToSubjectPublicKeyInfo();
        Gen.Byte.Array[0, 150].Sample(bytes => Tolerates(bytes), iter: 500);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte).Sample((at, value) => Tolerates(With(good, at, value)), iter: 500);
        Gen.Select(Gen.Int[0, spki.Length - 1], Gen.Byte).Sample((at, value) => Tolerates(With(spki, at, value)), iter: 500);
    }

    private static void Tolerates(byte[] bytes)
    {
        try
        {
            EcPrivateKey.FromPkcs8(bytes).Dispose();
        }
        catch (ProtocolException)
        {
            // As documented; anything else fails the test.
        }

        try
        {
            EcPublicKey.FromSubjectPublicKeyInfo(bytes);
        }
        catch (ProtocolException)
        {
            // As documented; anything else fails the test.
        }
    }

    private static byte[] With(byte[] bytes, int at, byte value)
    {
        var copy = bytes.ToArray();
        copy[at] = value;
        return copy;
    }

    private static string Refusal(Func<object> action) => Assert.Throws<ProtocolException>(action).Message;

    private static byte[] Der(string pem)
    {
        var fields = PemEncoding.Find(pem);
        return Convert.FromBase64String(pem[fields.Base64Data]);
    }
}
