namespace OpenEim.Protocol.Tests.Security;

/// <summary>Keys, signatures and certificates that openssl 3.0 made, so that both sides of a test are not our own.</summary>
internal static partial class OpensslFixtures
{
    /// <summary>What <see cref="P256Signature"/> and <see cref="BrainpoolSignature"/> sign, in ASCII.</summary>
    public const string Message = "OpenEim fixture";

    public const string P256Sec1 = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIF27njxNmrjxcsIEECh6ZZiRt5nZijBH+da/hYcvanhsoAoGCCqGSM49
        AwEHoUQDQgAEykCeZ6eryF9FKQpI7Q/n0O+awYvHtLp9ZxdXOQmja+hDlXpqKj+c
        85+VerqKJXTWiBj1DJ0GsviC8WNIVH03mg==
        -----END EC PRIVATE KEY-----
        """;

    public const string P256Sec1WithParameters = """
        -----BEGIN EC PARAMETERS-----
        BggqhkjOPQMBBw==
        -----END EC PARAMETERS-----
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEINXPWrK0SA48dupw8nxmW+rDCRto/pjfH0Sgxuy1HIj/oAoGCCqGSM49
        AwEHoUQDQgAEDndR8qwwN0yPRCgupSIRn298EpVw4OBmS+lal3AsA9674LtyAYcq
        hqtLLKo7z65RvPwOhw+wyf1eJfJ3gwc5Sw==
        -----END EC PRIVATE KEY-----
        """;

    public const string P256Pkcs8 = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgXbuePE2auPFywgQQ
        KHplmJG3mdmKMEf51r+Fhy9qeGyhRANCAATKQJ5np6vIX0UpCkjtD+fQ75rBi8e0
        un1nF1c5CaNr6EOVemoqP5zzn5V6uooldNaIGPUMnQay+ILxY0hUfTea
        -----END PRIVATE KEY-----
        """;

    public const string P256PublicKey = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEykCeZ6eryF9FKQpI7Q/n0O+awYvH
        tLp9ZxdXOQmja+hDlXpqKj+c85+VerqKJXTWiBj1DJ0GsviC8WNIVH03mg==
        -----END PUBLIC KEY-----
        """;

    public const string P256EumKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIPmJkbs8BKEtOUOrhgP+yY7LI58yUSZfU1a7j6nVK5adoAoGCCqGSM49
        AwEHoUQDQgAETgwf+rLqFOq+a1rwTyUwIpdGMgPE7ROGRB3EhCG8qq2hMxrpexUe
        qBT1TLT7fx20F292fsBtzKPsHwi2s6l6Fw==
        -----END EC PRIVATE KEY-----
        """;

    public const string P256EuiccKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEINW583Lbv2dShmCFG/NJldzTFB37fmXxaJtWv19TSTSooAoGCCqGSM49
        AwEHoUQDQgAEOI0t66FJ67yLszkvH7DSHmC2uM7HCJqRPNotgKnjXZRR4nhAXvlI
        Fi2p1R93rTRxm1vAXa+YLZ4SEycYLZrLhg==
        -----END EC PRIVATE KEY-----
        """;

    public const string BrainpoolSec1 = """
        -----BEGIN EC PRIVATE KEY-----
        MHgCAQEEICVTQ3I0FHxNFaRyFA7hm1PZyrSG7NOLmmKR2ujLlylMoAsGCSskAwMC
        CAEBB6FEA0IABEjrHMcLVYB0/wxNYl91GGsS9r2sKa4hCYeYdQ8N1ApqnNp+8b3g
        AMmIpfRVX8JrtaoqsRZVBNpke9dOY+2FAKE=
        -----END EC PRIVATE KEY-----
        """;

    public const string BrainpoolSec1WithParameters = """
        -----BEGIN EC PARAMETERS-----
        BgkrJAMDAggBAQc=
        -----END EC PARAMETERS-----
        -----BEGIN EC PRIVATE KEY-----
        MHgCAQEEIKQRJTNRn+X3CrSv6At2u/wr4LzwzBpRcQ8zofviyHj/oAsGCSskAwMC
        CAEBB6FEA0IABBimS+XO0OdOBa1PIsafXE1cs1wANhonKefIUMyoOexhWHAVoyFy
        C5P9Sh7dG1nVSqug35hWJpHkRhUc6mcKnzo=
        -----END EC PRIVATE KEY-----
        """;

    public const string BrainpoolPkcs8 = """
        -----BEGIN PRIVATE KEY-----
        MIGIAgEAMBQGByqGSM49AgEGCSskAwMCCAEBBwRtMGsCAQEEICVTQ3I0FHxNFaRy
        FA7hm1PZyrSG7NOLmmKR2ujLlylMoUQDQgAESOscxwtVgHT/DE1iX3UYaxL2vawp
        riEJh5h1Dw3UCmqc2n7xveAAyYil9FVfwmu1qiqxFlUE2mR7105j7YUAoQ==
        -----END PRIVATE KEY-----
        """;

    public const string BrainpoolPublicKey = """
        -----BEGIN PUBLIC KEY-----
        MFowFAYHKoZIzj0CAQYJKyQDAwIIAQEHA0IABEjrHMcLVYB0/wxNYl91GGsS9r2s
        Ka4hCYeYdQ8N1ApqnNp+8b3gAMmIpfRVX8JrtaoqsRZVBNpke9dOY+2FAKE=
        -----END PUBLIC KEY-----
        """;

    public const string BrainpoolEumKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHgCAQEEIATE3QrTtsBlKbYAB47GsKOWKkAmDqC3vHZ9ocV6qTQxoAsGCSskAwMC
        CAEBB6FEA0IABD45lrnwpahw9VUyf4oYDtHZvNNKTceeJcrw8h6nETpTbu4/xY0P
        UObqmH5T1ocvBE/VrjUImKTP0qbnLaxgjkg=
        -----END EC PRIVATE KEY-----
        """;

    public const string BrainpoolEuiccKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHgCAQEEIC8tIosHl5dtEvoZsir3AL6vyqVzjiOSxYNwadBcWyt6oAsGCSskAwMC
        CAEBB6FEA0IABAK4C7H5Vqmo3banVmAuBB741vpJopiocs81bzKYnDBmAb9lXaKP
        UHtJ1zF8zthoOKfvZ7T9S9T9s17NJFLehoc=
        -----END EC PRIVATE KEY-----
        """;

    public const string P384Sec1 = """
        -----BEGIN EC PRIVATE KEY-----
        MIGkAgEBBDA8ebYtaznaxhWxbHu3sRxXg+IE6ZR4LL5vfoz7tTGz5ZsmmkWJepjP
        o5lLPsQq62mgBwYFK4EEACKhZANiAAR7RwoN8qNWSuh5xBBUkREeePfxvW8r9i/+
        k1Cr7+OzNaFlvLh/jY5Feht88/Yenn7KMCGngd8hfoSv7morce9m9AD+5md8y6g4
        B1VzQxIWEuFv9uGznJ5QD1p75Y/OR+Y=
        -----END EC PRIVATE KEY-----
        """;

    public const string EncryptedKey = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgXhrm1SjyGjAICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEFiRMsuAsBuLkBYb6D6BBIAEgZBn
        qgVvs3/YYWGiV1UAg0ootQdh0e4QBPu79rAO+rBDluPEc3swHA2Wq5ZLoojshcfK
        dNZN5YFrMJRuWpZqfgLfyJiGVwbOVe+Mb+mSvUmErqiziR2hFABUG0mfbFa2UjMf
        4mekNorrj+vv7Vio7OUzl8WtIrBxqnLuUwdhOFN9uSRRXUXakEZ8olR6cBuY3Lw=
        -----END ENCRYPTED PRIVATE KEY-----
        """;

    public const string ExplicitCurveKey = """
        -----BEGIN EC PRIVATE KEY-----
        MIIBaAIBAQQgXmaruA1qOu+w4kwf/fd+471X6ouEy7DXSBAvS1RIE6mggfowgfcC
        AQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAAAAAAAAAAAAAA////////////////
        MFsEIP////8AAAABAAAAAAAAAAAAAAAA///////////////8BCBaxjXYqjqT57Pr
        vVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSdNgiG5wSTamZ44ROdJreBn36QBEEE
        axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54W
        K84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA//////////+85vqtpxeehPO5ysL8
        YyVRAgEBoUQDQgAEhzEfwgE55GJ7T257oQp9C6zsyJbyvdFY1OrKrUCnJ2X4xz6u
        x3YdhcaBiDqNTEMTT1GPuUovNTSD+UwD7kn0TA==
        -----END EC PRIVATE KEY-----
        """;

    /// <summary>DER.</summary>
    public const string P256Signature = "MEUCIHKdUGwUwU2HexMTLsJEQA6lEIwDhoRUC4mMKliyn+s2AiEAoL5QFlVXdBHAh5PC5WNZx4G02rAkVFjKk2fU+wjJJu8=";

    /// <summary>DER.</summary>
    public const string BrainpoolSignature = "MEQCICaMQlM8Y+l81UmctzsqiVvEwxRgxELs9mUsEY2An3hnAiBN9g9mnyjPt6+0gJ0FGI5ENxAAg0tR6X4k+kIiKnUIMw==";
}
